/** The dashboard of examples/monitoring. `npm run docs:monitoring` writes its file. */
import {
  type BigValueGraphMode,
  GraphDrawStyle,
  LineInterpolation,
  StackingConfigBuilder,
  StackingMode,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { HOUR, SECOND } from "../core/duration";

/** Stands for the metrics of the chosen organizations. */
const CHOSEN = `organization=~"$organization"`;
const HOURS = HOUR / SECOND;
const NO_GRAPH = "none" as BigValueGraphMode;

const DATASOURCE = { type: "prometheus", uid: "$datasource" };

/** The dashboard, as Grafana imports it. */
export function buildDashboard(): Dashboard {
  return new DashboardBuilder("MotherDuck tokens")
    .uid("motherduck-tokens")
    .description("API tokens of MotherDuck, as the nightly audit sees them. An incomplete audit shows what it saw.")
    .tags(["motherduck", "tokens"])
    .time({ from: "now-30d", to: "now" })
    .refresh("5m")
    .timezone("browser")
    .withVariable(new DatasourceVariableBuilder("datasource").label("Data source").type("prometheus"))
    .withVariable(
      new QueryVariableBuilder("organization")
        .label("Organization")
        .datasource(DATASOURCE)
        .query("label_values(motherduck_audit_info, organization)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        // Also metrics without an organization.
        .allValue(".*"),
    )
    .withRow(new RowBuilder("Can this be relied on?"))
    .withPanel(
      stat("Last complete audit", `time() - min(motherduck_audit_last_complete_run_timestamp_seconds{${CHOSEN}})`)
        .description("Nobody is judged later than this. With 0 as its date, nobody knows when it was.")
        .unit("s")
        .thresholds(steps({ green: null, orange: 26 * HOURS, red: 50 * HOURS })),
    )
    .withPanel(
      stat("Last audit", `time() - min(motherduck_audit_last_run_timestamp_seconds{${CHOSEN}})`)
        .description("Complete or not.")
        .unit("s")
        .thresholds(steps({ green: null, red: 26 * HOURS })),
    )
    .withPanel(
      stat("Complete?", `min(motherduck_audit_complete{${CHOSEN}})`)
        .description("Whether the last audit read and judged everything. If not, all numbers are of what it saw.")
        .mappings([
          {
            type: MappingType.ValueToText,
            options: { "0": { text: "No", color: "red", index: 0 }, "1": { text: "Yes", color: "green", index: 1 } },
          },
        ])
        .thresholds(steps({ red: null, green: 1 })),
    )
    .withPanel(
      lines("Failures by cause", `sum by (cause) (motherduck_audit_failures{${CHOSEN}})`, "{{cause}}")
        .description("What could not be read, judged or recorded.")
        .span(12),
    )
    .withRow(new RowBuilder("Users and tokens"))
    .withPanel(stat("Users", `sum(motherduck_users{${CHOSEN}})`).span(6))
    .withPanel(stat("Tokens", `sum(motherduck_tokens{${CHOSEN}})`).span(6))
    .withPanel(
      stat("Never expire", `sum(motherduck_tokens{${CHOSEN},expires="never"})`)
        .span(6)
        .thresholds(steps({ green: null, orange: 1 })),
    )
    .withPanel(
      stat("Next to expire", `min(motherduck_token_expiration_timestamp_seconds{${CHOSEN}}) - time()`)
        .span(6)
        .unit("s")
        .thresholds(steps({ red: null, orange: 3 * 24 * HOURS, green: 14 * 24 * HOURS })),
    )
    .withPanel(
      lines("Tokens by the days until they expire", `sum by (expires) (motherduck_tokens{${CHOSEN}})`, "{{expires}}")
        .stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
        .fillOpacity(40),
    )
    .withPanel(
      new TableBuilder()
        .title("When tokens expire")
        .description("By type, or by user or token if the audit's --metric-labels says so.")
        .datasource(DATASOURCE)
        .height(8)
        .span(12)
        .unit("s")
        .withTarget(
          query(`sort(motherduck_token_expiration_timestamp_seconds{${CHOSEN}} - time())`)
            .instant()
            .format(PromQueryFormat.Table),
        )
        .withTransformation({
          id: "organize",
          options: {
            excludeByName: { Time: true, job: true, instance: true },
            renameByName: { Value: "Expires in" },
          },
        }),
    )
    .withRow(new RowBuilder("Findings"))
    .withPanel(
      lines(
        "Findings by level and status",
        `sum by (level, status) (motherduck_findings{${CHOSEN}})`,
        "{{level}}, {{status}}",
      ),
    )
    .withPanel(
      lines("Open findings by rule", `sum by (rule) (motherduck_findings{${CHOSEN},status="open"}) > 0`, "{{rule}}"),
    )
    .withPanel(
      lines("New findings by rule", `sum by (rule) (motherduck_new_findings{${CHOSEN}}) > 0`, "{{rule}}")
        .description("What the last complete audit did not have. Only with a ledger.")
        .span(24),
    )
    .build();
}

function query(expr: string): DataqueryBuilder {
  return new DataqueryBuilder().refId("A").expr(expr);
}

/** One number of now. */
function stat(title: string, expr: string): StatBuilder {
  return new StatBuilder()
    .title(title)
    .datasource(DATASOURCE)
    .height(4)
    .span(4)
    .graphMode(NO_GRAPH)
    .withTarget(query(expr).instant());
}

/** Numbers over time. They change once a night, in steps; where nobody knows them, there is a gap. */
function lines(title: string, expr: string, legend: string): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(title)
    .datasource(DATASOURCE)
    .height(8)
    .span(12)
    .min(0)
    .decimals(0)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.StepAfter)
    .withTarget(query(expr).range().legendFormat(legend));
}

/** Colours, each from a number on; the first has none. */
function steps(colors: Readonly<Record<string, number | null>>): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(Object.entries(colors).map(([color, value]) => ({ color, value })));
}
