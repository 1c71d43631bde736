// The ready pack. This is the only file that starts something when it is loaded.
import path from "node:path";
import { CONFIG_VARIABLE } from "./config-file";
import { createPolicyPack } from "./create-policy-pack";

// CrossGuard reads the pack's version from the working directory. Older hosts start a pack in the program's folder, where
// another version stands, or, with a program in another language, none: then the pack would not start.
process.chdir(path.resolve(__dirname, ".."));
createPolicyPack("motherduck-tokens", { configFile: process.env[CONFIG_VARIABLE] || undefined });
