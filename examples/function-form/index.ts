import * as pulumi from "@pulumi/pulumi";
import { getUserTokens, getUserTokensOutput } from "pulumi-motherduck-tokens";

// Policies do not see what functions read: to have tokens judged, declare UserTokens.

// A promise, for a name that is known in the program:
export const adaHolds = getUserTokens({ username: "ada" }).then(({ tokens }) => tokens.length);

// An output, for a name that is an output of something else:
const account = pulumi.output("svc_etl");
export const etlHolds = getUserTokensOutput({ username: account }).apply(({ tokens }) => tokens.length);
