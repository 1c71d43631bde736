import { readFileSync } from "node:fs";
import path from "node:path";
import type * as yaml from "yaml";
import { decodeBytes, TextEncodingError } from "../core/decode-bytes";
import { PolicyConfigError } from "./config-error";
import type { ConfigSource, PolicyConfig } from "./configuration";

/**
 * Reads a settings file, YAML or JSON. It is never searched for: whoever owns the pack names it, not the audited program.
 *
 * @param file an absolute path; the working directory of a pack differs between hosts.
 * @throws PolicyConfigError where the path is relative, or the file is missing or no YAML.
 */
export function readConfigFile(file: string): ConfigSource {
  if (!path.isAbsolute(file)) throw new PolicyConfigError(`${file}: give the settings file with an absolute path.`);
  // Loaded here: a pack without a settings file starts without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` would make this function async
  const { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } = require("yaml") as typeof yaml;
  const lines = new LineCounter();
  const document = parseDocument(readText(file), { lineCounter: lines, uniqueKeys: true });
  const refused = (mistake: Error) =>
    new PolicyConfigError(`${file}: ${mistake.message.split("\n")[0] ?? "it is no YAML"}`);
  if (document.errors[0]) throw refused(document.errors[0]);

  /** The line of a key, or of the nearest one around it that is there. */
  function findLine(keys: readonly PropertyKey[]): number | undefined {
    if (keys.length === 0) return undefined;
    const around = keys.slice(0, -1);
    const parent = around.length === 0 ? document.contents : document.getIn(around, true);
    const place = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === keys.at(-1))?.key
      : isSeq(parent)
        ? parent.items[Number(keys.at(-1))]
        : undefined;
    return isNode(place) && place.range ? lines.linePos(place.range[0]).line : findLine(around);
  }

  return {
    name: file,
    config: toConfig(() => document.toJS() as unknown, refused),
    locate: (keys) => {
      const line = findLine(keys);
      return line === undefined ? "" : `:${line}`;
    },
  };
}

function toConfig(read: () => unknown, refused: (mistake: Error) => PolicyConfigError): PolicyConfig {
  try {
    // An empty file is an empty configuration.
    return read() ?? {};
  } catch (error) {
    throw refused(error as Error);
  }
}

function readText(file: string): string {
  try {
    return decodeBytes(readFileSync(file));
  } catch (error) {
    if (error instanceof TextEncodingError) throw new PolicyConfigError(`${file}: ${error.message}`);
    const { code = "unknown error" } = error as NodeJS.ErrnoException;
    throw new PolicyConfigError(`${file}: the settings file cannot be read (${code}).`);
  }
}
