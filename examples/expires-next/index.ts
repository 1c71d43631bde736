import { UserTokens } from "pulumi-motherduck-tokens";

const etl = new UserTokens("etl", { username: "svc_etl" });

// The tokens are known in preview, too, so this shows before anything is deployed.
export const expiresNext = etl.tokens.apply((tokens) =>
  tokens
    .flatMap(({ name, expireAt }) => (expireAt === undefined ? [] : [{ name, expireAt }]))
    .sort((a, b) => Date.parse(a.expireAt) - Date.parse(b.expireAt))
    .at(0),
);

export const neverExpire = etl.tokens.apply((tokens) =>
  tokens.filter(({ expireAt }) => expireAt === undefined).map(({ name, id }) => name ?? id),
);
