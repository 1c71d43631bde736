// Started by the engine through the host for Node.js programs: see PulumiPlugin.yaml.
import { logToEngine } from "./engine-log";
import { createProvider } from "./provider";
import { serve } from "./server";

const log = (text: string) => void logToEngine(text, process.argv.slice(2));

serve(createProvider(process.env, log)).then(
  // The engine reads the port from the first line; nothing else may be printed there.
  ({ port }) => console.log(String(port)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
