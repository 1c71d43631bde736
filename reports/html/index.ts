import type { ReportFormat } from "../report";
import { Collector } from "./collect";
import { renderPage } from "./page";

/** One file to look at in a browser: who holds what, what breaks the rules, and every token's life against the limits. */
export const htmlReport: ReportFormat = (header) => {
  const collector = new Collector(header);
  return {
    user(user) {
      collector.user(user);
      return "";
    },
    end(closing) {
      const { data, facts } = collector.end(closing);
      return renderPage(data, facts);
    },
  };
};
