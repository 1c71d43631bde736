// Started by the engine through the host for Node.js programs: see PulumiPlugin.yaml.
import { createProvider } from "./provider";
import { serve } from "./server";

serve(createProvider(process.env)).then(
  // The engine reads the port from the first line; nothing else may be printed there.
  ({ port }) => console.log(String(port)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
