import { afterEach, beforeEach } from "mocha";
import { TOKEN_VARIABLES } from "../../../client/settings";
import { URL_VARIABLE } from "../../../core/api-url";

/** Gives each test of a `describe` an environment of its own: nothing of the machine's, and these variables. */
export function useEnvironment(variables: () => Record<string, string>): void {
  const saved = new Map<string, string | undefined>();
  beforeEach(() => {
    for (const name of [...TOKEN_VARIABLES, URL_VARIABLE]) {
      saved.set(name, process.env[name]);
      delete process.env[name];
    }
    Object.assign(process.env, variables());
  });
  afterEach(() => {
    for (const [name, value] of saved) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}
