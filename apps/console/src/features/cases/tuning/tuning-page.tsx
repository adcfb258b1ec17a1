import "./texts/index.ts";
import "./tuning.css";
import { momentOf, wallTimeAt } from "@menshen/ui";
import { type DetectionNumbers, type DetectionSettings, detectionEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { App, Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call } from "../../../api/client.ts";
import { useChange } from "../../../api/records.tsx";
import { useMay, useSignedIn } from "../../../api/session.tsx";
import { PageHead } from "../../../components/page-head.tsx";
import { Failed, Loading } from "../../../components/page-states.tsx";
import { Reasoned } from "../reasoned.tsx";
import { changedOnly } from "./parameters.ts";
import { SettingsChanges } from "./settings-changes.tsx";
import { Trial } from "./trial.tsx";
import { TuningNumbers } from "./tuning-numbers.tsx";
import { Walks } from "./walks.tsx";

/** The engine's numbers with what each does, what others would have raised, and who changed them why. */
export function TuningPage() {
  const { t: text } = useTranslation("tuning");
  const read = useQuery({
    queryKey: [detectionEndpoints.settings.id],
    queryFn: ({ signal }) => call(detectionEndpoints.settings, { signal }),
  });
  return (
    <>
      <p>
        <Link to="/cases">{text("back")}</Link>
      </p>
      <PageHead title={text("title")} lead={text("lead")} />
      {read.isPending ? (
        <Loading />
      ) : read.isError ? (
        <Failed error={read.error} onRetry={() => void read.refetch()} />
      ) : (
        // Saved by somebody, here or elsewhere: what was being typed was about other numbers.
        <Tuning key={read.data.revision} settings={read.data} />
      )}
    </>
  );
}

type Walk = DetectionSettings["walks"][number];

function Tuning(props: { settings: DetectionSettings }) {
  const { t: text } = useTranslation("tuning");
  const { settings } = props;
  const mayChange = useMay("cases.settings");
  const { timeZone } = useSignedIn().community;
  const [numbers, setNumbers] = useState<DetectionNumbers>(settings.tuned);
  const [walks, setWalks] = useState<readonly Walk[]>(settings.walks);
  const [amnesty, setAmnesty] = useState(dayOf(settings.amnestyUntil, timeZone));
  const tuned = changedOnly(numbers, settings.delivered);
  const amnestyUntil = amnesty === "" ? undefined : lastSecondOf(amnesty, timeZone);
  const isChanged =
    JSON.stringify([tuned, walks, amnesty]) !==
    JSON.stringify([
      changedOnly(settings.tuned, settings.delivered),
      settings.walks,
      dayOf(settings.amnestyUntil, timeZone),
    ]);
  return (
    <>
      {mayChange ? null : <p className="quiet">{text("readOnly")}</p>}
      <TuningNumbers
        numbers={numbers}
        delivered={settings.delivered}
        mayChange={mayChange}
        onChange={setNumbers}
      />
      {mayChange ? <Trial tuned={tuned} /> : null}
      <Walks walks={walks} mayChange={mayChange} onChange={setWalks} />
      <Amnesty day={amnesty} mayChange={mayChange} onChange={setAmnesty} />
      {mayChange ? (
        <Save
          isChanged={isChanged}
          body={{
            tuned,
            walks: [...walks],
            ...(amnestyUntil === undefined ? {} : { amnestyUntil }),
            revision: settings.revision,
          }}
        />
      ) : null}
      <SettingsChanges settings={settings} mayUndo={mayChange} />
    </>
  );
}

function Amnesty(props: { day: string; mayChange: boolean; onChange: (day: string) => void }) {
  const { t: text } = useTranslation("tuning");
  const id = useId();
  return (
    <section className="section tuning-amnesty">
      <label htmlFor={id}>{text("amnesty")}</label>
      <Input
        id={id}
        type="date"
        className="tuning-date"
        readOnly={!props.mayChange}
        value={props.day}
        aria-describedby={`${id}-help`}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <p id={`${id}-help`} className="quiet">
        {text("amnestyHelp")}
      </p>
    </section>
  );
}

function Save(props: {
  isChanged: boolean;
  body: Omit<NonNullable<Parameters<typeof saveSettings>[0]>, "reason">;
}) {
  const { t: text } = useTranslation("tuning");
  const { t } = useTranslation();
  const { notification } = App.useApp();
  const undo = useChange((revision: number) => call(detectionEndpoints.undo, { body: { revision } }));
  const save = useChange(saveSettings, {
    isUnderWay: true,
    onDone: ({ revision }) =>
      notification.open({
        key: "tuning",
        title: text("saved"),
        duration: 10,
        actions: (
          <Button
            onClick={() => {
              notification.destroy("tuning");
              undo.mutate(revision);
            }}
          >
            {t("common.undo")}
          </Button>
        ),
      }),
  });
  return (
    <section className="section tuning-save">
      {props.isChanged ? (
        <Reasoned
          label={text("reason")}
          isPending={save.isPending}
          actions={[
            { name: text("save"), isMain: true, run: (reason) => save.mutate({ ...props.body, reason }) },
          ]}
        />
      ) : (
        <p className="quiet">{text("nothing")}</p>
      )}
    </section>
  );
}

function saveSettings(body: {
  tuned: DetectionNumbers;
  walks: Walk[];
  amnestyUntil?: number;
  reason: string;
  revision: number;
}) {
  return call(detectionEndpoints.change, { body });
}

/** As a field of dates has it, in the community's zone; empty for none. */
function dayOf(epochMs: number | undefined, timeZone: string): string {
  return epochMs === undefined ? "" : wallTimeAt(epochMs, timeZone).date;
}

/** So that whoever is told this moment reads the day that was chosen. */
function lastSecondOf(date: string, timeZone: string): number {
  return momentOf({ date, minute: 23 * 60 + 59 }, timeZone) + 59_000;
}
