import * as pulumi from "@pulumi/pulumi";
import { UserTokens } from "pulumi-motherduck-tokens";

// Whose tokens matter to this stack:
//   pulumi config set --path 'usernames[0]' svc_etl
const usernames = new pulumi.Config().requireObject<string[]>("usernames");

for (const username of usernames) {
  new UserTokens(username, { username });
}
