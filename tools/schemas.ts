// What `tools/build.mjs` writes as JSON schemas, by file.
import { schema } from "../plugin/schema";
import { settingsFileSchema } from "../policies/configuration/config-schema";
import { jsonReportSchema } from "../reports/json-schema";

export const schemas = {
  "dist/motherduck-tokens.schema.json": settingsFileSchema(),
  "dist/motherduck-tokens-audit.schema.json": jsonReportSchema(),
  "plugin/dist/schema.json": schema,
};
