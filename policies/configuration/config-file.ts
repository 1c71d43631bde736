import { readFileSync } from "node:fs";
import path from "node:path";
import type * as yaml from "yaml";
import { decodeBytes, TextEncodingError } from "../../core/decode-bytes";
import { PolicyConfigError } from "./config-error";
import { CONFIG_TEXT_VARIABLE, CONFIG_VARIABLE, type ConfigSource, type PolicyConfig } from "./configuration";

/**
 * Reads a settings file, YAML or JSON. It is never searched for: whoever owns the pack names it, not the audited program.
 *
 * @param file an absolute path; the working directory of a pack differs between hosts.
 * @throws PolicyConfigError where the path is relative, or the file is missing, empty or not YAML, or has keys that are not
 * text.
 */
export function readConfigFile(file: string): ConfigSource {
  if (!path.isAbsolute(file)) throw new PolicyConfigError(`${file}: give the settings file with an absolute path.`);
  return parseConfig(readText(file), file);
}

/** The same for the content of a settings file, YAML or JSON. @param file names it in errors. */
export function parseConfig(text: string, file: string = CONFIG_TEXT_VARIABLE): ConfigSource {
  // Loaded here: a pack without a settings file starts without it.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an `import()` would make this function async
  const { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } = require("yaml") as typeof yaml;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const refused = (mistake: Error) =>
    new PolicyConfigError(`${file}: ${mistake.message.split("\n")[0] ?? "it is not YAML"}`);
  const [error] = document.errors;
  if (error) {
    const { line } = lines.linePos(error.pos[0]);
    throw new PolicyConfigError(`${file}:${line}: ${describeMistake(error)}`);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    throw new PolicyConfigError(
      `${file}: the settings file is empty; what wrote it may have failed. Where the defaults are meant, write "preset: recommended".`,
    );
  }
  // YAML reads 0123 and 1e3 as numbers: as a key, either would become a different name from the one that was written.
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && typeof key.value === "string") return;
      const written = isScalar(key) ? (key.source ?? String(key.value)) : String(key);
      const where = isNode(key) && key.range ? `:${lines.linePos(key.range[0]).line}` : "";
      throw new PolicyConfigError(
        `${file}${where}: the key ${written} is not text to YAML. Put it in quotes: ${JSON.stringify(written)}.`,
      );
    },
  });

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

/** Where the environment says that the settings are. */
export interface ConfigPlace {
  /** The absolute path of a settings file. */
  readonly configFile?: string;
  /** The content of one. */
  readonly configText?: string;
}

/**
 * What `MOTHERDUCK_TOKENS_CONFIG` and `MOTHERDUCK_TOKENS_CONFIG_TEXT` say. An empty variable counts as unset.
 *
 * @throws PolicyConfigError where both are set: one of them would be ignored.
 */
export function configPlaceIn(env: NodeJS.ProcessEnv): ConfigPlace {
  const { [CONFIG_VARIABLE]: configFile, [CONFIG_TEXT_VARIABLE]: configText } = env;
  if (configFile && configText) {
    throw new PolicyConfigError(`${CONFIG_VARIABLE} and ${CONFIG_TEXT_VARIABLE} are both set. Keep one of them.`);
  }
  return { ...(configFile && { configFile }), ...(configText && { configText }) };
}

function describeMistake({ code, message }: yaml.YAMLParseError): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here. Keep one, in one file.";
  const hint = code === "BAD_INDENT" ? " Check the indentation here and in the line before." : "";
  return `${message}.${hint}`;
}

function toConfig(read: () => unknown, refused: (mistake: Error) => PolicyConfigError): PolicyConfig {
  try {
    return read() as PolicyConfig;
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
    const what = code === "ENOENT" ? "does not exist (ENOENT). Check its path" : `cannot be read (${code})`;
    throw new PolicyConfigError(`${file}: the settings file ${what}.`);
  }
}
