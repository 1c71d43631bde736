import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import ts from "typescript";
import manifest from "../../../package.json";
import pluginManifest from "../../../plugin/package.json";
import { schema } from "../../../plugin/schema";
import * as evidence from "../../../policies/read-evidence";

const ROOT = path.resolve(__dirname, "../../..");
const USER_TOKEN = "motherduck-tokens:index:UserToken";
const ORGANIZATION_USER = "motherduck-tokens:index:OrganizationUser";

/** What the schema says of a property. */
interface Property {
  readonly type?: string;
  readonly items?: { readonly $ref: string } | { readonly type: string };
  readonly description: string;
}

/** What TypeScript says of one. */
interface Declared {
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
}

/** An interface or class of the sources: what it is, and its properties. */
function declarationOf(file: string, name: string): { description: string; properties: Record<string, Declared> } {
  const source = ts.createSourceFile(file, readFileSync(path.join(ROOT, file), "utf8"), ts.ScriptTarget.Latest, true);
  const found = source.statements.find(
    (node) => (ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)) && node.name?.text === name,
  ) as ts.InterfaceDeclaration | ts.ClassDeclaration;
  const properties: Record<string, Declared> = {};
  for (const member of found.members) {
    const isStatic =
      ts.canHaveModifiers(member) && member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
    if (isStatic || !(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member))) continue;
    properties[member.name.getText()] = {
      type: (member.type?.getText() ?? "").replace(/^pulumi\.(?:In|Out)put<(.*)>$/, "$1"),
      required: member.questionToken === undefined,
      description: commentOf(member),
    };
  }
  return { description: commentOf(found), properties };
}

/** The first paragraph of a doc comment, on one line. */
function commentOf(node: ts.Node): string {
  const comment = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)?.comment;
  const [paragraph = ""] = (ts.getTextOfJSDocComment(comment) ?? "").split(/\n\s*\n/);
  return paragraph.replace(/\s+/g, " ");
}

const TYPES: Record<string, Omit<Property, "description">> = {
  string: { type: "string" },
  TokenType: { type: "string" },
  boolean: { type: "boolean" },
  '"all" | "humans" | "serviceAccounts"': { type: "string" },
  "readonly string[]": { type: "array", items: { type: "string" } },
  PersonalData: { type: "string" },
  "UserToken[]": { type: "array", items: { $ref: `#/types/${USER_TOKEN}` } },
  "OrganizationUser[]": { type: "array", items: { $ref: `#/types/${ORGANIZATION_USER}` } },
  "pulumi.Input<string>[]": { type: "array", items: { type: "string" } },
};

function assertAgree(
  { properties, required }: { properties: Record<string, Property>; required: readonly string[] },
  declared: Record<string, Declared>,
): void {
  assert.deepEqual(Object.keys(properties), Object.keys(declared));
  for (const [name, { type, description, ...property }] of Object.entries(declared)) {
    const { type: schemaType, items, description: text } = properties[name] ?? assert.fail(name);
    assert.deepEqual({ type: schemaType, ...(items && { items }) }, TYPES[type], name);
    assert.equal(text, description, name);
    assert.equal(required.includes(name), property.required, name);
  }
}

describe("the plugin's schema", () => {
  it("says of a token what TypeScript says", () => {
    const { description, properties } = declarationOf("core/user-token.ts", "UserToken");
    const type = schema.types[USER_TOKEN] ?? assert.fail();
    assertAgree(type, properties);
    assert.equal(type.description, description);
  });

  it("says of `UserTokens` what TypeScript says", () => {
    const resource = schema.resources["motherduck-tokens:index:UserTokens"] ?? assert.fail();
    const { description, properties } = declarationOf("provider/user-tokens.ts", "UserTokens");
    assertAgree(resource, properties);
    assert.equal(resource.description, description);
    const inputs = { properties: resource.inputProperties, required: resource.requiredInputs };
    assertAgree(inputs, declarationOf("provider/user-tokens.ts", "UserTokensArgs").properties);
  });

  it("says of a user of an organization what TypeScript says", () => {
    const { description, properties } = declarationOf("core/organization-user.ts", "OrganizationUser");
    const [user, details] = ["User", "UserDetails"].map((name) => declarationOf("core/user.ts", name).properties);
    const type = schema.types[ORGANIZATION_USER] ?? assert.fail();
    assertAgree(type, { ...user, ...details, ...properties });
    assert.equal(type.description, description);
  });

  it("says of `OrganizationTokens` what TypeScript says", () => {
    const resource = schema.resources["motherduck-tokens:index:OrganizationTokens"] ?? assert.fail();
    const { description, properties } = declarationOf("provider/organization-tokens.ts", "OrganizationTokens");
    assertAgree(resource, properties);
    assert.equal(resource.description.split("\n\n")[0], description);
    const inputs = { properties: resource.inputProperties, required: resource.requiredInputs };
    assertAgree(inputs, declarationOf("provider/organization-tokens.ts", "OrganizationTokensArgs").properties);
  });

  it("says of `getUserTokens` what TypeScript says", () => {
    const { inputs, outputs } = schema.functions["motherduck-tokens:index:getUserTokens"] ?? assert.fail();
    assertAgree(inputs, declarationOf("provider/get-user-tokens.ts", "GetUserTokensArgs").properties);
    assertAgree(outputs, declarationOf("provider/get-user-tokens.ts", "GetUserTokensResult").properties);
  });

  it("has the settings of the client, and the same for the stack and for an explicit provider", () => {
    const { apiTokenSource, keyPrefix, ...settings } = declarationOf("client/settings.ts", "ClientSettings").properties;
    assert.ok(apiTokenSource && keyPrefix);
    const { variables } = schema.config;
    // The TypeScript classes know what the program declares next.
    assert.deepEqual(Object.keys(variables).sort(), [...Object.keys(settings), "readAhead"].sort());
    assert.equal(schema.provider.inputProperties, variables);
    for (const [name, { type, description }] of Object.entries(settings)) {
      const property = variables[name as keyof typeof variables];
      assert.ok(
        property.type === (TYPES[type]?.type ?? type) || (property.type === "integer" && type === "number"),
        name,
      );
      if (name !== "apiToken") assert.ok(property.description.startsWith(`${description} Default: `), name);
    }
    assert.equal(variables.apiToken.secret, true);
  });

  it("describes everything", () => {
    const missing: string[] = [];
    const visit = (value: unknown, where: string): void => {
      if (typeof value !== "object" || value === null) return;
      const isThing = "type" in value || "inputProperties" in value || "outputs" in value;
      const { description } = value as { description?: string };
      if (isThing && typeof (value as { type?: unknown }).type !== "object" && !description) missing.push(where);
      for (const [key, child] of Object.entries(value)) if (key !== "items") visit(child, `${where}/${key}`);
    };
    visit(schema, "");
    assert.deepEqual(missing, []);
  });

  it("has the resources that the policy pack knows", () => {
    const known = [...evidence.USER_TOKENS_TYPES, ...evidence.ORGANIZATION_TOKENS_TYPES];
    assert.deepEqual(
      Object.keys(schema.resources),
      known.filter((type) => type.startsWith("motherduck-tokens:")),
    );
  });

  it("has the package's version, and so has the plugin's manifest", () => {
    assert.equal(schema.version, manifest.version);
    assert.equal(pluginManifest.version, manifest.version);
  });
});
