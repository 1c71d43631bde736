// The ready pack. This is the only file that starts something when it is loaded.
import path from "node:path";
import { keepCompiledCode } from "../core/compile-cache";
import { configPlaceIn } from "./configuration/config-file";
import { createPolicyPack } from "./create-policy-pack";

// The SDK is loaded below.
keepCompiledCode();
// CrossGuard reads the pack's version from the working directory. Older hosts start a pack in the program's folder, where
// another version stands, or, with a program in another language, none: then the pack would not start.
process.chdir(path.resolve(__dirname, ".."));
createPolicyPack("motherduck-tokens", configPlaceIn(process.env));
