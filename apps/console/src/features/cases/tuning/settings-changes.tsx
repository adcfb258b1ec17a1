import { formatDay } from "@menshen/ui";
import { type DetectionSettings, detectionEndpoints } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../../api/client.ts";
import { useChange } from "../../../api/records.tsx";
import { ExactMoment, useMomentFormat } from "../../../components/moments.tsx";
import { differences } from "./parameters.ts";

/** Who changed what and why, newest first; the last one can be taken back. */
export function SettingsChanges(props: { settings: DetectionSettings; mayUndo: boolean }) {
  const { t: text } = useTranslation("tuning");
  const format = useMomentFormat();
  const { changes, delivered, revision } = props.settings;
  const undo = useChange(() => call(detectionEndpoints.undo, { body: { revision } }));
  return (
    <section className="section" aria-labelledby="changes">
      <h2 id="changes">{text("changes")}</h2>
      {changes.length === 0 ? <p className="quiet">{text("noChanges")}</p> : null}
      {changes.length > 0 && props.mayUndo ? (
        <p>
          <Button loading={undo.isPending} onClick={() => undo.mutate(undefined)}>
            {text("undo")}
          </Button>
        </p>
      ) : null}
      <ul className="plain-list">
        {changes.map(({ after, amnesty, at, before, by, isUndo, reason, walks }) => (
          <li key={`${at} ${reason} ${String(isUndo)}`}>
            <span className="case-words">
              {[
                ...differences(before, after, delivered).map(({ from, name, to }) =>
                  text("difference", { name: text(`name.${name}`), from, to }),
                ),
                ...(walks === 0 ? [] : [text("walksChanged", { count: walks })]),
                ...(amnesty === undefined
                  ? []
                  : [
                      amnesty.until === undefined
                        ? text("amnestyEnded")
                        : text("amnestySet", { day: formatDay(amnesty.until, format) }),
                    ]),
              ].join(" · ")}
              <br />
              <span className="quiet">
                {by} · {isUndo ? `${text("undone")}：` : null}
                {reason}
              </span>
            </span>
            <span className="quiet">
              <ExactMoment epochMs={at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
