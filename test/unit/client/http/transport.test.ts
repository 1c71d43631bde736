import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ApiError, NetworkError, ResponseError } from "../../../../client/errors";
import type { ClientSettings } from "../../../../client/settings";
import type { RetryTiming } from "../../../../client/http/retry";
import { createTransport } from "../../../../client/http/transport";
import { version } from "../../../../package.json";
import { ERRORS, type Reply, StandIn } from "../../../../tools/stand-in/stand-in";
import { CUT_OFF, FAST, failureOf, goneStandIn, jsonText, settingsFor, useStandIn } from "../../support";

const PATH = "/v1/users/ada/tokens";
const OK: Reply = { body: { tokens: [] } };
const TARGET = { name: "the tokens" };
const NEVER = new AbortController().signal;

interface Case {
  settings?: Partial<ClientSettings>;
  timing?: RetryTiming;
  signal?: AbortSignal;
}

describe("transport", () => {
  const api = useStandIn();

  /** Scripts the answers, asks once, and gives what comes of it. */
  function get(replies: Reply[], { settings, timing = FAST, signal = NEVER }: Case = {}): Promise<unknown> {
    api.standIn.script("ada", ...replies);
    return createTransport(settingsFor(api.standIn, settings), timing).getJson(PATH, {}, TARGET, signal);
  }

  const attempts = () => api.standIn.readsOf("ada");

  describe("a request", () => {
    it("is a GET with the token, and says who asks", async () => {
      await get([OK]);
      const [request] = api.standIn.requests;
      assert.equal(request?.method, "GET");
      assert.equal(request.url, PATH);
      assert.equal(request.headers.authorization, `Bearer ${api.standIn.token}`);
      assert.equal(request.headers.accept, "application/json");
      assert.equal(
        request.headers["user-agent"],
        `pulumi-motherduck-tokens/${version} (node ${process.versions.node})`,
      );
    });

    it("goes below the path of the base URL", async () => {
      const settings = settingsFor(api.standIn, { apiUrl: `${api.standIn.url}/proxy/md` });
      const read = () => createTransport(settings).getJson(PATH, {}, TARGET, NEVER);
      assert.equal((await failureOf(read, ApiError)).status, 404);
      assert.deepEqual(
        api.standIn.requests.map(({ url }) => url),
        [`/proxy/md${PATH}`],
      );
    });

    it("carries its query, whatever characters that holds", async () => {
      api.standIn.script("ada", OK);
      const query = { page_token: "a+b/c=&d?e#f%20g é:[]$" };
      await createTransport(settingsFor(api.standIn)).getJson(PATH, query, TARGET, NEVER);
      const { searchParams } = new URL(api.standIn.requests[0]?.url ?? "", api.standIn.url);
      assert.deepEqual(Object.fromEntries(searchParams), query);
    });
  });

  describe("when the API refuses", () => {
    const source = "The token in MOTHERDUCK_ADMIN_TOKEN";
    for (const { reply, answered, next } of [
      {
        reply: ERRORS.badRequest,
        answered: "400 BAD_REQUEST (Bad Request)",
        next: "Check the spelling of the username.",
      },
      {
        reply: ERRORS.unauthorized,
        answered: "401 UNAUTHORIZED (Invalid Credentials)",
        next: `${source} was not accepted: it may have expired, been revoked or been cut off. Set a valid one.`,
      },
      {
        reply: ERRORS.forbidden,
        answered: "403 FORBIDDEN (Unauthorized)",
        next: `${source} may not do this: it must be a read_write token of a user with the Admin role.`,
      },
      {
        reply: ERRORS.notFound,
        answered: "404 NOT_FOUND (Not Found)",
        next: "No such user in the organization of this token. Check the username and the organization.",
      },
      {
        reply: { status: 404, body: "Not Found" },
        answered: "404",
        next: "There is no such endpoint at BASE/v1/users/ada/tokens. Check the base URL (motherduck-tokens:apiUrl or MOTHERDUCK_API_URL).",
      },
      {
        reply: ERRORS.internal,
        answered: "500 INTERNAL_SERVER_ERROR (Internal Error)",
        next: "The API failed. Try again; if the error persists, contact MotherDuck support.",
      },
      {
        reply: { status: 429, body: { message: "Slow down", code: "TOO_MANY_REQUESTS" } },
        answered: "429 TOO_MANY_REQUESTS (Slow down)",
        next: "The API asks for fewer requests (attempts made: 2). Try again later.",
      },
      {
        reply: { status: 503, body: "<html>Service Unavailable</html>" },
        answered: "503",
        next: "The API is not available (attempts made: 2). Try again later.",
      },
      {
        reply: { status: 408 },
        answered: "408",
        next: "The API is not available (attempts made: 2). Try again later.",
      },
      {
        reply: { status: 418, body: { message: "I'm a teapot" } },
        answered: "418 (I'm a teapot)",
        next: "Check the base URL, and whether a newer version of this package knows this answer.",
      },
      {
        reply: { status: 204 },
        answered: "204",
        next: "Check the base URL, and whether a newer version of this package knows this answer.",
      },
    ] as { reply: Reply & { body?: { code?: string } }; answered: string; next: string }[]) {
      it(`with ${answered}, the error says so and what to do next`, async () => {
        const error = await failureOf(() => get([reply], { settings: { maxAttempts: 2 } }), ApiError);
        const expected = `could not read the tokens: the API answered ${answered}. ${next}`;
        assert.equal(error.message, expected.replace("BASE", api.standIn.url));
        assert.deepEqual([error.status, error.code, error.issues], [reply.status, reply.body?.code, []]);
      });
    }

    it("the error holds the issues that the API named", async () => {
      const issues = [{ message: "username: too long" }, { message: "username: odd\u001b[0m" }];
      const reply = { status: 400, body: { message: "Bad Request", code: "BAD_REQUEST", issues } };
      const error = await failureOf(() => get([reply]), ApiError);
      assert.deepEqual(error.issues, [{ message: "username: too long" }, { message: "username: odd\\u001b[0m" }]);
      assert.match(error.message, /400 BAD_REQUEST \(Bad Request; username: too long; username: odd\\u001b\[0m\)/);
    });

    for (const body of ["", "null", "[]", `"no"`, "<html>", `{"message":5,"code":null,"issues":[null,3,{},[]]}`]) {
      it(`with the body ${body || "empty"}, the status alone counts`, async () => {
        const error = await failureOf(() => get([{ status: 400, ...jsonText(body) }]), ApiError);
        assert.deepEqual([error.status, error.code, error.issues], [400, undefined, []]);
        assert.match(error.message, /answered 400\. Check/);
      });
    }

    for (const status of [301, 302, 303, 307, 308]) {
      it(`with ${status}, the redirect is not followed`, async () => {
        const location = `${api.standIn.url}/v1/users/grace/tokens`;
        const error = await failureOf(() => get([{ status, headers: { location } }]), ApiError);
        assert.equal(error.status, status);
        assert.match(error.message, new RegExp(`Redirects are not followed.*\\(here: ${location}\\)`));
        assert.equal(api.standIn.requests.length, 1);
      });
    }

    it("with a redirect to another origin, nothing arrives there", async () => {
      const elsewhere = await StandIn.start();
      const location = `${elsewhere.url}${PATH}`;
      const { status, message } = await failureOf(() => get([{ status: 302, headers: { location } }]), ApiError);
      assert.equal(status, 302);
      assert.match(message, /Redirects are not followed/);
      await elsewhere.stop();
      assert.deepEqual(elsewhere.requests, []);
    });
  });

  describe("another attempt", () => {
    for (const status of [408, 429, 502, 503, 504]) {
      it(`is made after ${status}, as often as allowed`, async () => {
        const error = await failureOf(() => get([{ status }], { settings: { maxAttempts: 3 } }), ApiError);
        assert.deepEqual([error.status, attempts()], [status, 3]);
      });
    }

    for (const status of [204, 302, 400, 401, 403, 404, 409, 422, 500, 501, 505]) {
      it(`is not made after ${status}`, async () => {
        const error = await failureOf(() => get([{ status }, OK]), ApiError);
        assert.deepEqual([error.status, attempts()], [status, 1]);
        assert.match(error.message, new RegExp(`^could not read the tokens: .*${status}`));
      });
    }

    it("is not made where one is all that is allowed", async () => {
      const error = await failureOf(() => get([{ status: 503 }, OK], { settings: { maxAttempts: 1 } }), ApiError);
      assert.deepEqual([error.status, attempts()], [503, 1]);
      assert.match(error.message, /attempts made: 1/);
    });

    it("can succeed", async () => {
      assert.deepEqual(await get([{ status: 503 }, { reset: true }, { status: 429 }, OK]), OK.body);
      assert.equal(attempts(), 4);
    });

    it("is made when the connection breaks in the middle of the body", async () => {
      assert.deepEqual(await get([CUT_OFF, OK]), OK.body);
      assert.equal(attempts(), 2);
    });

    const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
    for (const retryAfter of ["60", inAnHour]) {
      it(`waits as long as \`Retry-After: ${retryAfter === "60" ? "60" : "<date>"}\` asks`, async () => {
        const reply = { status: 429, headers: { "retry-after": retryAfter } };
        const timing = { baseDelayMs: 1, maxRetryAfterMs: 60_000 };
        const error = await failureOf(
          () => get([reply, OK], { timing, signal: AbortSignal.timeout(200) }),
          NetworkError,
        );
        assert.deepEqual([error.code, attempts()], ["ETIMEDOUT", 1]);
      });
    }

    for (const retryAfter of ["3600", "soon", "-5", "", "Wed, 21 Oct 2015 07:28:00 GMT"]) {
      it(`does not wait for long after \`Retry-After: ${retryAfter}\``, async () => {
        await get([{ status: 503, headers: { "retry-after": retryAfter } }, OK]);
        assert.equal(attempts(), 2);
      });
    }

    it("has the time of an attempt for itself, however long the waits before it were", async () => {
      const busy = { status: 503, headers: { "retry-after": "1" } };
      const timing = { baseDelayMs: 1, maxRetryAfterMs: 150 };
      await get([busy, busy, busy, OK], { settings: { attemptTimeoutSeconds: 0.44 }, timing });
      assert.equal(attempts(), 4);
    });
  });

  describe("without an answer", () => {
    const settings = { maxAttempts: 2, attemptTimeoutSeconds: 0.2 };

    it("from a closed port, the error names the failure and what to check", async () => {
      const gone = settingsFor(await goneStandIn(), { maxAttempts: 2 });
      const { code, message } = await failureOf(
        () => createTransport(gone, FAST).getJson(PATH, {}, TARGET, NEVER),
        NetworkError,
      );
      assert.equal(code, "ECONNREFUSED");
      assert.match(message, new RegExp(`^could not read the tokens: no answer from ${gone.apiUrl} \\(ECONNREFUSED: `));
      assert.match(message, /attempts: up to 2, 120 s in all\)\. Check the network, the proxy and the base URL/);
    });

    it("because the connection is reset, each attempt is used up", async () => {
      const { code } = await failureOf(() => get([{ reset: true }], { settings: { maxAttempts: 2 } }), NetworkError);
      assert.deepEqual([code, attempts()], ["ECONNRESET", 2]);
    });

    it("within the time of an attempt, no other attempt is made, and the error names the setting", async () => {
      const { code, message } = await failureOf(
        () => get([{ ...OK, delayMs: 30_000 }, OK], { settings }),
        NetworkError,
      );
      assert.deepEqual([code, attempts()], ["ETIMEDOUT", 1]);
      assert.equal(
        message,
        `could not read the tokens: no complete answer in time from ${api.standIn.url} ` +
          "(ETIMEDOUT: no complete answer within 0.2 s). Check the network, the proxy and the base URL; " +
          "if the API is just slow, raise motherduck-tokens:attemptTimeoutSeconds.",
      );
    });

    it("because a body does not end, no other attempt is made", async () => {
      const stalled = jsonText(`{"tokens":[`, { "content-length": "500" });
      const { code } = await failureOf(() => get([stalled, OK], { settings }), NetworkError);
      assert.deepEqual([code, attempts()], ["ETIMEDOUT", 1]);
    });

    it("in an attempt after another, that one is the last", async () => {
      const replies = [{ status: 503 }, { ...OK, delayMs: 30_000 }, OK];
      // The first answer has to arrive in time.
      const patient = { maxAttempts: 4, attemptTimeoutSeconds: 0.4 };
      const { code } = await failureOf(() => get(replies, { settings: patient }), NetworkError);
      assert.deepEqual([code, attempts()], ["ETIMEDOUT", 2]);
    });

    it("because the connection always breaks in the middle of the body, it is a failure of the network", async () => {
      const { code, message } = await failureOf(() => get([CUT_OFF]), NetworkError);
      assert.deepEqual([code, attempts()], ["ECONNRESET", 4]);
      assert.match(message, /^could not read the tokens: .*ECONNRESET/);
    });

    it("within the time of the whole read, no other attempt is made", async () => {
      const signal = AbortSignal.timeout(100);
      const { code, message } = await failureOf(() => get([{ ...OK, delayMs: 30_000 }], { signal }), NetworkError);
      assert.deepEqual([code, attempts()], ["ETIMEDOUT", 1]);
      assert.match(message, /\(ETIMEDOUT: the whole read's time is up; attempts: up to 4, 120 s in all\)\. Check the/);
      assert.match(message, /if the API is just slow, raise motherduck-tokens:readTimeoutSeconds\.$/);
    });
  });

  describe("a body with status 200", () => {
    for (const type of ["application/json", "application/json; charset=utf-8", "application/vnd.md+json"]) {
      it(`can be ${type}`, async () => {
        assert.deepEqual(await get([jsonText(`{"a":[1,null]}`, { "content-type": type })]), { a: [1, null] });
      });
    }

    for (const { title, reply, says } of [
      { title: "is empty", reply: jsonText(""), says: "is empty" },
      {
        title: "is HTML",
        reply: { body: "<html>", headers: { "content-type": "text/html" } },
        says: "is text/html, not JSON",
      },
      { title: "is JSON, but says that it is text", reply: { body: "{}" }, says: "is text/plain, not JSON" },
      {
        title: "does not say what it is",
        reply: { body: "{}", headers: { "content-type": "" } },
        says: "is of an undeclared type, not JSON",
      },
      {
        title: "is JSON that was cut off",
        reply: jsonText(`{"tokens":[{"id"`),
        says: "is not valid JSON; it may have been cut off",
      },
      { title: "is HTML that calls itself JSON", reply: jsonText("<html>"), says: "is not valid JSON" },
      {
        title: "is compressed, but broken",
        reply: jsonText("no gzip", { "content-encoding": "gzip" }),
        says: "cannot be used: it cannot be unpacked (incorrect header check). A proxy in between",
      },
      {
        title: "is larger than 16 MiB",
        reply: jsonText(`"${"x".repeat(16 * 1024 * 1024)}"`),
        says: "cannot be used: it is larger than 16 MiB. A proxy in between",
      },
      {
        title: "is of 64 MiB",
        reply: jsonText(`"${"x".repeat(64 * 1024 * 1024)}"`),
        says: "cannot be used: it is larger than 16 MiB. A proxy in between",
      },
    ]) {
      it(`is refused where it ${title}, and not asked for again`, async () => {
        const { message } = await failureOf(() => get([reply, OK]), ResponseError);
        assert.ok(message.startsWith(`could not read the tokens: the answer (status 200) ${says}`), message);
        assert.equal(attempts(), 1);
      });
    }
  });
});
