#!/usr/bin/env node
import { keepCompiledCode } from "../core/compile-cache";
import type * as commands from "./commands";

// A file is compiled before it runs, so the cache has to be there before the others are loaded.
keepCompiledCode();
// eslint-disable-next-line @typescript-eslint/no-require-imports
(require("./commands") as typeof commands).main();
