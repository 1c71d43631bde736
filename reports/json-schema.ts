import { toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import { ClosingSchema, HeaderSchema, UserSchema } from "../audit/result";
import { JSON_VERSION } from "./json";

/** The JSON report. */
export const JsonReportSchema = v.object({
  version: v.pipe(v.literal(JSON_VERSION), v.description("The version of this shape.")),
  audit: HeaderSchema,
  users: v.pipe(v.array(UserSchema), v.readonly(), v.description("Everybody who was judged.")),
  ...ClosingSchema.entries,
});

/** The published JSON schema of the report. */
export function jsonReportSchema(): object {
  return {
    ...toJsonSchema(JsonReportSchema, { target: "draft-07", typeMode: "output", errorMode: "ignore" }),
    title: `Report of motherduck-tokens audit, version ${JSON_VERSION}`,
  };
}
