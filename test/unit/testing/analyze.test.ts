import assert from "node:assert/strict";
import { type Policies, validateResourceOfType, validateStackResourcesOfType } from "@pulumi/policy";
import { describe, it } from "mocha";
import { UserTokens } from "../../../provider";
import { analyzeResource, analyzeStack, unknown, userTokens } from "../../../testing";
import { failureOf } from "../support";

type Validate = Extract<Policies[number], { validateResource?: unknown }>["validateResource"];

const resourcePolicy = (validateResource: Validate, more: object = {}) =>
  ({ name: "p", description: "What must hold.", validateResource, ...more }) as Policies[number];
const reporting = (more: object = {}) => resourcePolicy((_args, report) => report("no"), more);
const bucket = { type: "aws:s3/bucket:Bucket", props: {} };

describe("analyzeResource", () => {
  it("gives what policies report, in their order", async () => {
    const policies = [
      reporting({ name: "a", enforcementLevel: "mandatory" }),
      resourcePolicy(
        (_args, report) => {
          report("one");
          report("two");
        },
        { name: "b" },
      ),
      resourcePolicy(() => {}, { name: "silent" }),
    ];
    const { violations, notApplicable } = await analyzeResource(policies, bucket);
    assert.deepEqual(violations, [
      { policy: "a", message: "no", enforcementLevel: "mandatory" },
      { policy: "b", message: "one", enforcementLevel: "advisory" },
      { policy: "b", message: "two", enforcementLevel: "advisory" },
    ]);
    assert.deepEqual(notApplicable, []);
  });

  it("takes a level, a name and a text of a single violation, as the SDK does", async () => {
    const report = (violation: object | undefined) =>
      resourcePolicy((_args, tell) => (tell as unknown as (violation?: object) => void)(violation), {
        enforcementLevel: "mandatory",
      });
    const { violations } = await analyzeResource(
      [
        report({ message: "m", enforcementLevel: "advisory" }),
        report({ name: "q", description: "d" }),
        report(undefined),
      ],
      bucket,
    );
    assert.deepEqual(violations, [
      { policy: "p", message: "m", enforcementLevel: "advisory" },
      { policy: "q", message: "d", enforcementLevel: "mandatory" },
      { policy: "p", message: "What must hold.", enforcementLevel: "mandatory" },
    ]);
  });

  for (const { title, own, config, level } of [
    { title: "is advisory where nobody says more", own: undefined, config: {}, level: "advisory" },
    { title: "is the policy's own", own: "mandatory", config: {}, level: "mandatory" },
    {
      title: "is the configuration's before the policy's",
      own: "mandatory",
      config: { p: "advisory" },
      level: "advisory",
    },
    {
      title: "can stand among settings",
      own: "mandatory",
      config: { p: { enforcementLevel: "advisory", n: 1 } },
      level: "advisory",
    },
    {
      title: "is the policy's where the configuration has only settings",
      own: "mandatory",
      config: { p: { n: 1 } },
      level: "mandatory",
    },
    { title: "can be set for all", own: "mandatory", config: { all: "advisory" }, level: "advisory" },
    {
      title: "is its own before that of all",
      own: "advisory",
      config: { all: "advisory", p: "mandatory" },
      level: "mandatory",
    },
    { title: "of another policy makes no difference", own: "mandatory", config: { q: "disabled" }, level: "mandatory" },
    { title: "is mandatory where it was to be remediated", own: "remediate", config: {}, level: "mandatory" },
    { title: "disabled skips the policy", own: "disabled", config: {}, level: undefined },
    {
      title: "disabled by the configuration skips it, too",
      own: "mandatory",
      config: { p: "disabled" },
      level: undefined,
    },
    { title: "can enable a policy", own: "disabled", config: { p: "mandatory" }, level: "mandatory" },
  ] as const) {
    it(`level: ${title}`, async () => {
      const { violations, notApplicable } = await analyzeResource([reporting({ enforcementLevel: own })], bucket, {
        config,
      });
      assert.deepEqual(
        violations.map(({ enforcementLevel }) => enforcementLevel),
        level === undefined ? [] : [level],
      );
      assert.deepEqual(notApplicable, []);
    });
  }

  it("hands a policy its own settings, without the level, with the schema's defaults", async () => {
    let seen: unknown;
    const policy = resourcePolicy((args) => void (seen = args.getConfig()), {
      configSchema: { properties: { a: { type: "number", default: 1 }, b: { type: "number", default: 2 }, c: {} } },
    });
    const settings = async (config: object) => {
      await analyzeResource([policy], bucket, { config: config as never });
      return seen;
    };
    assert.deepEqual(await settings({}), { a: 1, b: 2 });
    assert.deepEqual(await settings({ p: "mandatory", q: { a: 9 } }), { a: 1, b: 2 });
    assert.deepEqual(await settings({ p: { enforcementLevel: "advisory", b: 3 } }), { a: 1, b: 3 });
  });

  it("ends a policy that reads an unknown value with an advisory note, and keeps what it reported before", async () => {
    const policy = resourcePolicy(
      (args, report) => {
        report("first");
        report(`it is ${(args.props as { a: { b: string }[] }).a[1]?.b}`);
      },
      { enforcementLevel: "mandatory" },
    );
    const resource = { props: { a: [{ b: "x" }, { b: unknown.string }] } };
    const { violations } = await analyzeResource([policy, reporting({ name: "next" })], resource);
    assert.deepEqual(violations, [
      { policy: "p", message: "first", enforcementLevel: "mandatory" },
      {
        policy: "p",
        message:
          "can't run policy 'p' from policy pack 'testing@v0.0.0' during preview: string value at .a.1.b can't be known during preview",
        enforcementLevel: "advisory",
      },
      { policy: "next", message: "no", enforcementLevel: "advisory" },
    ]);
  });

  it("knows each kind of unknown value", async () => {
    for (const [kind, value] of Object.entries(unknown)) {
      const policy = resourcePolicy((args) => void args.props.x);
      const { violations } = await analyzeResource([policy], { props: { x: value } });
      assert.match(violations[0]?.message ?? "", new RegExp(`: ${kind} value at \\.x`, "i"));
    }
  });

  it("lists policies that do not apply, with their reason", async () => {
    const policies = [
      resourcePolicy((args, report) => {
        if (args.type !== "x") args.notApplicable("It judges x.");
        report("never");
      }),
      resourcePolicy((args) => args.notApplicable(), { name: "q" }),
    ];
    const { violations, notApplicable } = await analyzeResource(policies, bucket);
    assert.deepEqual(violations, []);
    assert.deepEqual(notApplicable, [
      { policy: "p", reason: "It judges x." },
      { policy: "q", reason: "Policy does not apply" },
    ]);
  });

  it("fails where a policy throws, and keeps what it threw", async () => {
    const thrown = new TypeError("oops");
    const policy = resourcePolicy(() => Promise.reject(thrown));
    const { message, cause } = await failureOf(() => analyzeResource([policy], bucket));
    assert.match(
      message,
      /^Error validating resource with policy 'p' from policy pack 'testing@v0\.0\.0':\nTypeError: oops/,
    );
    assert.equal(cause, thrown);
  });

  it("waits for policies that take their time", async () => {
    const policy = resourcePolicy(async (_args, report) => {
      await new Promise((resolve) => setImmediate(resolve));
      report("late");
    });
    assert.equal((await analyzeResource([policy], bucket)).violations.length, 1);
  });

  it("runs each of several validations, each with its own copy of the properties", async () => {
    const resource = { props: { list: [1] } };
    const lengths: number[] = [];
    const grow: Validate = ({ props }) => void lengths.push((props as { list: number[] }).list.push(2));
    await analyzeResource([resourcePolicy([grow, grow])], resource);
    assert.deepEqual(lengths, [2, 2]);
    assert.deepEqual(resource, { props: { list: [1] } });
  });

  it("hands secrets over unpacked, and drops what is undefined", async () => {
    let seen: unknown;
    const policy = resourcePolicy(({ props }) => void (seen = JSON.parse(JSON.stringify(props))));
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: ["x"] };
    await analyzeResource([policy], { props: { secret, nothing: undefined, none: null } });
    assert.deepEqual(seen, { secret: ["x"], none: null });
  });

  it("tells resources of a class from others, also by `validateResourceOfType`", async () => {
    const policies = [
      resourcePolicy(validateResourceOfType(UserTokens, (props, _args, report) => report(`${props.username} 1`))),
      resourcePolicy((args, report) => {
        if (args.isType(UserTokens)) report(`${args.asType(UserTokens)?.username} 2`);
        else assert.equal(args.asType(UserTokens), undefined);
      }),
    ];
    const ours = await analyzeResource(policies, userTokens("ada"));
    assert.deepEqual(
      ours.violations.map(({ message }) => message),
      ["ada 1", "ada 2"],
    );
    const others = await analyzeResource(policies, bucket);
    assert.deepEqual(others.violations, []);
    assert.deepEqual(others.notApplicable, [
      { policy: "p", reason: "Policy only applies to resources of type 'pulumi-nodejs:dynamic/motherduck:UserTokens'" },
    ]);
  });

  it("asks a class without a type of its own by `isInstance`", async () => {
    class Old {
      static isInstance(resource: { __pulumiType?: string }) {
        return resource.__pulumiType === bucket.type;
      }
    }
    const policy = resourcePolicy((args, report) => report(String(args.isType(Old as never))));
    const { violations } = await analyzeResource([policy], bucket);
    assert.equal(violations[0]?.message, "true");
    assert.equal((await analyzeResource([policy], userTokens("ada"))).violations[0]?.message, "false");
  });

  it("skips stack policies, and tells of policies that only remediate", async () => {
    const policies = [
      { name: "s", description: "", validateStack: () => assert.fail() },
      { name: "r", description: "", remediateResource: () => assert.fail() },
    ] as Policies;
    const { violations, notApplicable } = await analyzeResource(policies, bucket);
    assert.deepEqual(violations, []);
    assert.deepEqual(notApplicable, [{ policy: "r", reason: "Policy does not implement validateResource" }]);
  });

  it("is about a `UserTokens` where no type is given, and gives the resource a URN", async () => {
    const policy = resourcePolicy(({ type, name, urn }, report) => report([type, name, urn].join(" ")));
    const { violations } = await analyzeResource([policy], { name: "n", props: {} });
    const type = UserTokens.__pulumiType;
    assert.equal(violations[0]?.message, `${type} n urn:pulumi:test::test::${type}::n`);
  });
});

describe("analyzeStack", () => {
  const stackPolicy = (validateStack: Extract<Policies[number], { validateStack: unknown }>["validateStack"]) =>
    ({ name: "s", description: "What must hold.", enforcementLevel: "mandatory", validateStack }) as const;
  const usernames = stackPolicy((args, report) =>
    args.resources.forEach(({ props }) => report(props.username as string)),
  );

  it("judges all resources at once, by stack policies only", async () => {
    const { violations } = await analyzeStack([reporting(), usernames], [userTokens("ada"), userTokens("eve")]);
    assert.deepEqual(violations, [
      { policy: "s", message: "ada", enforcementLevel: "mandatory" },
      { policy: "s", message: "eve", enforcementLevel: "mandatory" },
    ]);
  });

  it("skips what is disabled, and takes levels and settings from the configuration", async () => {
    const config = { s: { enforcementLevel: "advisory", n: 1 } } as const;
    const policy = stackPolicy((args, report) => report(JSON.stringify(args.getConfig())));
    const { violations } = await analyzeStack([policy], [], { config });
    assert.deepEqual(violations, [{ policy: "s", message: `{"n":1}`, enforcementLevel: "advisory" }]);
    assert.deepEqual((await analyzeStack([policy], [], { config: { s: "disabled" } })).violations, []);
  });

  it("ends a policy that reads an unknown value with an advisory note", async () => {
    const resources = [userTokens("ada"), { props: { username: unknown.string } }];
    const { violations } = await analyzeStack([usernames], resources);
    assert.deepEqual(
      violations.map(({ message, enforcementLevel }) => [message.slice(0, 20), enforcementLevel]),
      [
        ["ada", "mandatory"],
        ["can't run policy 's'", "advisory"],
      ],
    );
  });

  it("does not apply a policy for one class to a stack without it", async () => {
    const typed = stackPolicy(
      validateStackResourcesOfType(UserTokens, (all, _args, report) => report(String(all.length))),
    );
    assert.equal((await analyzeStack([typed], [bucket, userTokens("ada")])).violations[0]?.message, "1");
    assert.deepEqual((await analyzeStack([typed], [bucket])).notApplicable, [
      { policy: "s", reason: "Policy only applies to resources of type 'pulumi-nodejs:dynamic/motherduck:UserTokens'" },
    ]);
  });

  it("fails where a policy throws", async () => {
    const { message } = await failureOf(() => analyzeStack([stackPolicy(() => assert.fail("oops"))], []));
    assert.match(message, /policy 's' from policy pack/);
  });
});
