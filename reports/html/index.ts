import type { ReportFormat } from "../report";
import { Collector } from "./collect";
import { renderPage } from "./page";

/** One file for a browser: users and tokens, findings, and the lifetime of every token against the limits. */
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
