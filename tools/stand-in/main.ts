// `npm run stand-in`: a stand-in for the MotherDuck API on loopback, for previews and audits without an account.
import { once } from "node:events";
import { StandIn } from "./stand-in";

async function main(): Promise<void> {
  const api = await StandIn.start();
  const users = Object.keys(api.users).join(", ");
  const exports = Object.entries(api.env).map(([name, value]) => `export ${name}=${value}\n`);
  process.stdout.write(
    `A stand-in for the MotherDuck API, with the users ${users}. Ctrl-C ends it. In another terminal:\n\n${exports.join("")}`,
  );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  await api.stop();
}

void main();
