import type { ChannelConfig } from "../../policies/configuration/notify";
import { type DeliveryTiming, type Send, secretIn, urlIn } from "./channel";
import { createPost } from "./post";
import { slackMessage } from "./slack";
import { createSmtp } from "./smtp";
import { teamsMessage } from "./teams";
import { signatureHeaders, signingKey, webhookBody } from "./webhook";

/**
 * Prepares a channel; nothing is sent yet.
 *
 * @throws AuditError where the environment lacks what it needs.
 */
export function openChannel(
  name: string,
  config: ChannelConfig,
  env: NodeJS.ProcessEnv,
  timing?: DeliveryTiming,
): Send {
  if (config.type === "smtp") return createSmtp(config, env, name, timing);
  const post = createPost(urlIn(env, config.urlVariable, name), timing);
  switch (config.type) {
    case "slack":
      return (digest) => post(JSON.stringify(slackMessage(digest)));
    case "teams":
      return (digest) => post(JSON.stringify(teamsMessage(digest)));
    case "webhook": {
      const key = signingKey(secretIn(env, config.secretVariable, name), config.secretVariable);
      return (digest) => {
        const body = JSON.stringify(webhookBody(digest));
        return post(body, signatureHeaders(digest.id, body, key, Date.now()));
      };
    }
  }
}
