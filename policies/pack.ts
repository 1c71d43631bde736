// The ready pack. This is the only file that starts something when it is loaded.
import { keepCompiledCode } from "../core/compile-cache";
import { CONFIG_VARIABLE } from "./config-file";
import { createPolicyPack } from "./create-policy-pack";

// The SDK is loaded below.
keepCompiledCode();
createPolicyPack("motherduck-tokens", { configFile: process.env[CONFIG_VARIABLE] || undefined });
