import assert from "node:assert/strict";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import additions from "./additions.openapi.json";
import vendor from "./users-list-tokens.openapi.json";

/** The part of OpenAPI's schemas that the documents use. */
export interface Schema {
  readonly type: "object" | "array" | "string" | "boolean" | "integer";
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly nullable?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly example?: unknown;
}

interface Answer {
  readonly content?: { readonly "application/json": { readonly schema: Schema } };
}

type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
>;

const paths = merge(vendor.paths, additions.paths) as Paths;

/** The errors that the vendor's document lists; those of the other calls are the same. */
export const ERROR_STATUSES = Object.keys(vendor.paths["/v1/users/{username}/tokens"].get.responses).filter(
  (status) => status !== "200",
);

/** An operation, as `GET /v1/users`. */
export type Operation =
  | "GET /v1/users"
  | "GET /v1/users/{username}/tokens"
  | "POST /v1/users/{username}/tokens"
  | "DELETE /v1/users/{username}/tokens/{token_id}";

/** What the documents say of an answer's body; `undefined` where they say nothing. */
export function schemaOf(operation: Operation, status: number | string): Schema | undefined {
  const [method = "", path = ""] = operation.toLowerCase().split(" ");
  const own = paths[path]?.[method];
  assert.ok(own, operation);
  const errors = Number(status) >= 400 ? paths["/v1/users/{username}/tokens"]?.get?.responses : undefined;
  const answer = own.responses[status] ?? errors?.[status];
  assert.ok(answer, `${operation} does not answer ${status}`);
  return answer.content?.["application/json"].schema;
}

// `example` is OpenAPI's own word.
const ajv = addFormats(new Ajv({ allErrors: true })).addVocabulary(["example"]);

/** Holds that a body is what the documents promise, and has no field that they do not have. */
export function assertContract(operation: Operation, status: number | string, body: unknown): void {
  const validate = validatorOf(operation, status);
  if (validate === undefined) {
    assert.equal(body, "", `${operation} has no body`);
    return;
  }
  validate(body);
  assert.deepEqual(validate.errors ?? [], [], operation);
}

const validators = new Map<string, ValidateFunction | undefined>();

function validatorOf(operation: Operation, status: number | string): ValidateFunction | undefined {
  const key = `${operation} ${status}`;
  if (!validators.has(key)) {
    const schema = schemaOf(operation, status);
    validators.set(key, schema && ajv.compile(closed(schema)));
  }
  return validators.get(key);
}

/** The same schema, which allows no other fields. */
function closed(schema: Schema): Schema {
  const { properties, items } = schema;
  return {
    ...schema,
    ...(items && { items: closed(items) }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, closed(field)])),
      additionalProperties: false,
    }),
  };
}

function merge(base: unknown, addition: unknown): unknown {
  if (!isObject(base) || !isObject(addition)) {
    assert.ok(base === undefined, "an addition takes nothing away from the vendor's document");
    return addition;
  }
  const merged = { ...base };
  for (const [key, value] of Object.entries(addition)) merged[key] = merge(base[key], value);
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
