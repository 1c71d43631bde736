import * as v from "valibot";
import { isLoopback } from "../../core/api-url";
import { EXPIRY_THRESHOLDS } from "../../core/expiry-thresholds";
import { byName, NonEmptyText } from "../setting-types";

/** Names of environment variables, which hold what must not be written to a file. */
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** An e-mail address that is one recipient, and nothing else: neither a name, nor a list, nor a line break. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*$/i;

/** Whether a text is the address of one mailbox. */
export function isAddress(text: string): boolean {
  return text.length <= 254 && ADDRESS.test(text);
}

const variable = (description: string) =>
  v.pipe(v.string(), v.regex(VARIABLE, "the name of an environment variable"), v.description(description));
const Address = v.pipe(v.string(), v.check(isAddress, "an e-mail address alone, without a name"));
const ChannelNames = v.pipe(v.array(NonEmptyText), v.minLength(1));

const urlVariable = variable("The environment variable with the URL: https, or http on loopback.");

const ChannelSchema = v.variant("type", [
  v.strictObject({ type: v.literal("slack"), urlVariable }),
  v.strictObject({ type: v.literal("teams"), urlVariable }),
  v.strictObject({
    type: v.literal("webhook"),
    urlVariable,
    secretVariable: variable("The environment variable with the secret that signs requests: whsec_ and base64."),
  }),
  v.strictObject({
    type: v.literal("smtp"),
    host: NonEmptyText,
    port: v.optional(
      v.pipe(
        v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535)),
        v.description("Default: 587; with tls: implicit 465, with tls: none 25."),
      ),
    ),
    tls: v.optional(
      v.pipe(
        v.picklist(["starttls", "implicit", "none"]),
        v.description(
          "starttls: nothing is sent before the server has switched to TLS. implicit: TLS from the start. none: only to a server on " +
            "loopback, without a user. Default: implicit on port 465, else starttls.",
        ),
      ),
    ),
    user: v.optional(NonEmptyText),
    passwordVariable: v.optional(variable("The environment variable with the password of user.")),
    from: Address,
    to: v.optional(
      v.pipe(Address, v.description("Who gets all mail. Default: the owner, whose name then has to be an address.")),
    ),
  }),
]);

/** The settings' key `notify`. */
export const NotifySchema = v.strictObject({
  channels: v.pipe(
    byName(ChannelSchema),
    v.description(
      "Where notices go, each under a name of your choice. Secrets are in the environment: only variables are named here.",
    ),
  ),
  routes: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          owner: v.pipe(NonEmptyText, v.description("An owner's name, or a glob.")),
          channels: ChannelNames,
        }),
      ),
      v.description("Which owner is told where; the most specific one holds. Default: none."),
    ),
  ),
  fallback: v.optional(
    v.pipe(
      ChannelNames,
      v.description(
        "Channels for owners without a route, and for what nobody owns. Default: notify then sends nothing.",
      ),
    ),
  ),
  thresholdsDays: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(365))),
      v.minLength(1),
      v.description(
        `Days before its expiry at which a token's owner is told. Default: ${EXPIRY_THRESHOLDS.join(", ")}.`,
      ),
    ),
  ),
});

/** Who is told where, and when, as it is written in the settings file. */
export type NotifyConfig = v.InferOutput<typeof NotifySchema>;

/** One of the channels. */
export type ChannelConfig = NotifyConfig["channels"][string];

/** A mail server. */
export type MailConfig = Extract<ChannelConfig, { type: "smtp" }>;

/** The keys that are allowed at the top of `notify`. */
export const NOTIFY_KEYS = Object.keys(NotifySchema.entries);

/** A mistake, and the keys that lead to it. */
export interface NotifyMistake {
  readonly path: readonly string[];
  /** The message does not show what was written. */
  readonly message: string;
}

/** A value where the name of a variable belongs: it may be a secret, so no error shows it. */
export function findNotifySecret(notify: unknown): NotifyMistake | undefined {
  const channels = Object.entries(objectIn(objectIn(notify).channels));
  for (const [name, channel] of channels) {
    for (const [key, value] of Object.entries(objectIn(channel))) {
      const path = ["channels", name, key];
      const [, kind] = /^(?:web)?[-_]?(?:hook)?[-_]?(url|secret|password|token|key)$/i.exec(key) ?? [];
      if (kind !== undefined) {
        const setting = { url: "urlVariable", password: "passwordVariable" }[kind.toLowerCase()] ?? "secretVariable";
        const message = `is not a setting: put the value into an environment variable, and name that in ${setting}`;
        return { path, message };
      }
      if (/Variable$/.test(key) && !(typeof value === "string" && VARIABLE.test(value))) {
        return { path, message: "is not the name of an environment variable (its value is not shown)" };
      }
    }
  }
  return undefined;
}

/**
 * A channel that is named and not there, a repeated route, or mail that would be readable on its way; `undefined` where all is
 * right.
 */
export function findNotifyMistake({ channels, routes = [], fallback = [] }: NotifyConfig): NotifyMistake | undefined {
  const strange = Object.keys(channels).find((name) => !/^[A-Za-z0-9][\w.-]{0,49}$/.test(name));
  if (strange !== undefined) {
    return {
      path: ["channels"],
      message: "has a name that is not made of letters, digits, dots and dashes (50 at most)",
    };
  }
  for (const [name, channel] of Object.entries(channels)) {
    const mistake = channel.type === "smtp" ? findMailMistake(channel) : undefined;
    if (mistake) return { path: ["channels", name, ...mistake.path], message: mistake.message };
  }
  const lists = [
    ...routes.map((route, index) => ({ path: ["routes", String(index), "channels"], names: route.channels })),
    { path: ["fallback"], names: fallback },
  ];
  for (const { path, names } of lists) {
    const unknown = names.find((name) => !Object.hasOwn(channels, name));
    if (unknown !== undefined) return { path, message: "names a channel that is not in notify.channels" };
  }
  const owners = routes.map(({ owner }) => owner);
  const repeated = owners.findIndex((owner, index) => owners.indexOf(owner) !== index);
  if (repeated >= 0)
    return { path: ["routes", String(repeated)], message: "is about an owner that has a route already" };
  return undefined;
}

function findMailMistake({ host, tls, user, passwordVariable }: MailConfig): NotifyMistake | undefined {
  if ((user === undefined) !== (passwordVariable === undefined)) {
    const [missing, given] = user === undefined ? ["user", "passwordVariable"] : ["passwordVariable", "user"];
    return { path: [missing], message: `is missing: ${given} needs it` };
  }
  if (tls !== "none") return undefined;
  if (!isLoopback(host)) return { path: ["tls"], message: "is none, which is only for a server on loopback" };
  return user === undefined ? undefined : { path: ["tls"], message: "is none, and a password is sent over TLS only" };
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
