import assert from "node:assert/strict";
import * as grpc from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { afterEach, beforeEach, describe, it } from "mocha";
import manifest from "../../../package.json";
import { fromStruct, secret, toStruct } from "../../../plugin/protocol";
import { createProvider } from "../../../plugin/provider";
import { schema } from "../../../plugin/schema";
import { type RunningServer, serve } from "../../../plugin/server";
import { type Properties, UNKNOWN_VALUE } from "../../../resources/evidence-resource";
import { ERRORS } from "../../../tools/stand-in/stand-in";
import { until } from "../../until";
import { failureOf, useStandIn } from "../support";

const URN = "urn:pulumi:dev::program::motherduck-tokens:index:UserTokens::name";
const ORGANIZATION_URN = URN.replace("UserTokens", "OrganizationTokens");
const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;

/** The calls, each with its request and its response. */
interface Calls {
  getPluginInfo: [Empty, PluginInfo];
  getSchema: [rpc.GetSchemaRequest, rpc.GetSchemaResponse];
  checkConfig: [rpc.CheckRequest, rpc.CheckResponse];
  configure: [rpc.ConfigureRequest, rpc.ConfigureResponse];
  check: [rpc.CheckRequest, rpc.CheckResponse];
  diff: [rpc.DiffRequest, rpc.DiffResponse];
  create: [rpc.CreateRequest, rpc.CreateResponse];
  update: [rpc.UpdateRequest, rpc.UpdateResponse];
  read: [rpc.ReadRequest, rpc.ReadResponse];
  delete: [rpc.DeleteRequest, Empty];
  invoke: [rpc.InvokeRequest, rpc.InvokeResponse];
  cancel: [Empty, Empty];
}

type Method<Call extends [unknown, unknown]> = (
  request: Call[0],
  callback: (error: Error | null, response: Call[1]) => void,
) => void;

describe("the plugin, as the engine calls it", () => {
  const api = useStandIn();
  let client: ResourceProviderClient;
  let server: RunningServer;
  const call = <Name extends keyof Calls>(name: Name, request: Calls[Name][0]) =>
    new Promise<Calls[Name][1]>((resolve, reject) => {
      // One of its overloads, which TypeScript cannot choose for a name that is a variable.
      const method = client[name].bind(client) as unknown as Method<Calls[Name]>;
      method(request, (error, response) => (error ? reject(error) : resolve(response)));
    });

  const check = (news: Properties, urn = URN) =>
    call("check", new rpc.CheckRequest().setUrn(urn).setNews(toStruct(news)));
  const checked = async (username: string) => fromStruct((await check({ username })).getInputs());
  const configure = (config: Properties) => call("configure", new rpc.ConfigureRequest().setArgs(toStruct(config)));

  beforeEach(async () => {
    server = await serve(createProvider(api.standIn.env));
    client = new ResourceProviderClient(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure());
  });
  afterEach(() => {
    client.close();
    server.stop();
  });

  it("tells its version, which is the package's, and its schema", async () => {
    const info = await call("getPluginInfo", new Empty());
    assert.equal(info.getVersion(), manifest.version);
    const response = await call("getSchema", new rpc.GetSchemaRequest());
    assert.deepEqual(JSON.parse(response.getSchema()), schema);
  });

  it("gives the tokens as inputs in check, and takes nothing else over from the program", async () => {
    const response = await check({ username: "ada", tokens: [], _provenance: {}, more: 1 });
    const inputs = fromStruct(response.getInputs());
    assert.deepEqual(Object.keys(inputs).sort(), ["_provenance", "tokens", "username"]);
    assert.equal((inputs.tokens as unknown[]).length, 2);
    assert.deepEqual(response.getFailuresList(), []);
  });

  it("gives a failed read as a failure of check, without tokens", async () => {
    api.standIn.script("ada", ERRORS.forbidden);
    const response = await check({ username: "ada" });
    assert.deepEqual(fromStruct(response.getInputs()), { username: "ada" });
    const [failure] = response.getFailuresList();
    assert.equal(failure?.getProperty(), "username");
    assert.match(failure?.getReason() ?? "", /403 FORBIDDEN/);
  });

  it("sends nothing for a username that is not known yet, and leaves the tokens unknown", async () => {
    const inputs = await checked(UNKNOWN_VALUE);
    assert.equal(inputs.tokens, UNKNOWN_VALUE);
    assert.equal(api.standIn.requests.length, 0);
  });

  it("asks once for a user whom several resources name", async () => {
    await Promise.all([checked("ada"), checked("ada")]);
    assert.equal(api.standIn.readsOf("ada"), 1);
  });

  it("says nothing of its own, however many calls run at the same time", async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error) => warnings.push(warning);
    process.on("warning", listener);
    await Promise.all(Array.from({ length: 30 }, () => checked("ada")));
    process.off("warning", listener);
    assert.deepEqual(warnings, []);
  });

  it("creates and updates from the inputs, without the time of the reading", async () => {
    const inputs = await checked("ada");
    const created = await call("create", new rpc.CreateRequest().setUrn(URN).setProperties(toStruct(inputs)));
    assert.equal(created.getId(), "ada");
    const outputs = fromStruct(created.getProperties());
    assert.deepEqual(outputs, { username: "ada", tokens: inputs.tokens });
    const updated = await call("update", new rpc.UpdateRequest().setUrn(URN).setNews(toStruct(inputs)));
    assert.deepEqual(fromStruct(updated.getProperties()), outputs);
    assert.equal(api.standIn.readsOf("ada"), 1);
  });

  it("finds no change in the same tokens, one in others, and another resource in another user", async () => {
    const diff = async (olds: Properties, news: Properties) => {
      const request = new rpc.DiffRequest().setUrn(URN).setOlds(toStruct(olds)).setNews(toStruct(news));
      const response = await call("diff", request);
      return [response.getChanges(), response.getReplacesList()];
    };
    const ada = await checked("ada");
    const { _provenance, ...outputs } = ada;
    assert.equal((_provenance as Record<string, string>).apiUrl, api.standIn.url);
    assert.deepEqual(await diff(outputs, ada), [DIFF_NONE, []]);
    assert.deepEqual(await diff({ ...outputs, tokens: [] }, ada), [DIFF_SOME, []]);
    assert.deepEqual(await diff(outputs, await checked("svc_bi")), [DIFF_SOME, ["username"]]);
  });

  describe("read, for `pulumi refresh`", () => {
    const read = (id: string) => call("read", new rpc.ReadRequest().setUrn(URN).setId(id));

    it("gives what is there now", async () => {
      const response = await read("ada");
      const inputs = fromStruct(response.getInputs());
      assert.equal(response.getId(), "ada");
      assert.ok("_provenance" in inputs);
      assert.deepEqual(fromStruct(response.getProperties()), { username: "ada", tokens: inputs.tokens });
    });

    it("says that a user is gone", async () => {
      assert.equal((await read("nobody")).getId(), "");
    });

    it("fails where the API does", async () => {
      api.standIn.script("ada", ERRORS.forbidden);
      assert.match((await failureOf(() => read("ada"))).message, /403 FORBIDDEN/);
    });
  });

  it("reads many users at once, and finds no change in the same ones", async () => {
    const response = await check({ usernames: ["ada", "svc_bi"], users: [] }, ORGANIZATION_URN);
    assert.deepEqual(response.getFailuresList(), []);
    const inputs = fromStruct(response.getInputs());
    assert.deepEqual(
      (inputs.users as { username: string }[]).map(({ username }) => username),
      ["ada", "svc_bi"],
    );
    const create = new rpc.CreateRequest().setUrn(ORGANIZATION_URN).setProperties(toStruct(inputs));
    const created = await call("create", create);
    assert.equal(created.getId(), "organization");
    const diff = new rpc.DiffRequest().setUrn(ORGANIZATION_URN).setNews(toStruct(inputs));
    assert.equal((await call("diff", diff.setOlds(created.getProperties()))).getChanges(), DIFF_NONE);
  });

  it("deletes nothing at MotherDuck", async () => {
    await call("delete", new rpc.DeleteRequest().setUrn(URN).setId("ada"));
    assert.equal(api.standIn.requests.length, 0);
  });

  describe("the function", () => {
    const invoke = (token: string, args: Properties) =>
      call("invoke", new rpc.InvokeRequest().setTok(token).setArgs(toStruct(args)));
    const getUserTokens = (args: Properties) => invoke("motherduck-tokens:index:getUserTokens", args);

    it("gives what the resource gives", async () => {
      const { username, tokens } = await checked("ada");
      assert.deepEqual(fromStruct((await getUserTokens({ username: "ada" })).getReturn()), { username, tokens });
    });

    it("says what is wrong with its argument, or with the read", async () => {
      const reasonFor = async (args: Properties) => (await getUserTokens(args)).getFailuresList()[0]?.getReason();
      assert.match((await reasonFor({})) ?? "", /username cannot be used/);
      assert.match((await reasonFor({ username: "nobody" })) ?? "", /404 NOT_FOUND/);
    });

    it("is the only one", async () => {
      const error = await failureOf(() => invoke("motherduck-tokens:index:getTokens", {}));
      assert.match(error.message, /motherduck-tokens [\d.]+ has no motherduck-tokens:index:getTokens/);
    });
  });

  it("knows no other resource", async () => {
    const error = await failureOf(() => check({}, URN.replace("UserTokens", "toString")));
    assert.match(error.message, /has no motherduck-tokens:index:toString/);
  });

  describe("configured", () => {
    it("takes what is explicit before the environment", async () => {
      await configure({ apiToken: secret({ secret: "another" }) });
      const [failure] = (await check({ username: "ada" })).getFailuresList();
      assert.match(failure?.getReason() ?? "", /401 UNAUTHORIZED.*motherduck-tokens:apiToken/);
    });

    it("refuses a token in clear", async () => {
      const config = new rpc.CheckRequest().setNews(toStruct({ apiToken: "canary" }));
      const inputs = fromStruct((await call("checkConfig", config)).getInputs());
      assert.match((await failureOf(() => configure(inputs))).message, /configured as plain text/);
    });

    it("reports a setting that does not hold in check, where the engine shows it well", async () => {
      await configure({ maxAttempts: 0 });
      const [failure] = (await check({ username: "ada" })).getFailuresList();
      assert.match(failure?.getReason() ?? "", /maxAttempts is "0"/);
    });
  });

  it("ends what is running, and what comes after, when the engine cancels", async () => {
    api.standIn.script("ada", { delayMs: 10_000 });
    const running = failureOf(() => check({ username: "ada" }));
    await until("the read", () => api.standIn.readsOf("ada") > 0);
    await call("cancel", new Empty());
    assert.match((await running).message, /CANCELLED/);
    assert.match((await failureOf(() => check({ username: "svc_bi" }))).message, /CANCELLED/);
    assert.equal(api.standIn.readsOf("svc_bi"), 0);
  });
});
