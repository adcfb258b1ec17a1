import { StateMark, type StateTone } from "@menshen/ui";
import { type Installation, installerEndpoints, type WireTest, type WireTestState } from "@menshen/wire";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";

const TONES: Readonly<Record<WireTestState, StateTone>> = {
  "not-wired": "quiet",
  untested: "quiet",
  "under-way": "refused",
  ask: "refused",
  passed: "granted",
  failed: "alarm",
};

/** Every wire of every door and reader, tried one by one, with what gate and person saw. */
export function TestsStep({ installation }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const subjects = [
    ...installation.doors.map(({ portalId, name, tests }) => ({ id: portalId, name, tests })),
    ...installation.readers.map(({ readerId, name, tests }) => ({ id: readerId, name, tests })),
  ].filter(({ tests }) => tests.some(({ state }) => state !== "not-wired"));
  return (
    <>
      <p className="quiet">{t("tests.help")}</p>
      {subjects.map((subject) => (
        <section key={subject.id} aria-label={subject.name} className="install__tests">
          <h3>{subject.name}</h3>
          <ul className="plain-list">
            {subject.tests.map((test) => (
              <OneWire key={test.wire} gateId={installation.gate.id} subjectId={subject.id} test={test} />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function OneWire(props: { gateId: string; subjectId: string; test: WireTest }) {
  const { t } = useTranslation("installer");
  const { t: tc } = useTranslation();
  const mayWrite = useMay("gates.write");
  const { gateId, subjectId, test } = props;
  const { wire, state, testId } = test;
  const start = useChange(
    () =>
      call(installerEndpoints.startTest, {
        params: { gateId },
        body: { wire, subjectId },
        reason: { code: "installation" },
      }),
    { isUnderWay: true },
  );
  const answer = useChange((seen: boolean) =>
    call(installerEndpoints.answerTest, { params: { id: testId ?? "" }, body: { seen } }),
  );
  const isOn = state === "under-way" || state === "ask";
  // Before the gate watches, what a person does is lost.
  const now = test.observed.length === 0 ? t("tests.telling") : t(`tests.now.${wire}`);
  const seen = test.observed.map((word) => t(`tests.observed.${word}`)).join(tc("common.semicolon"));
  return (
    <li data-wire={wire} data-state={state}>
      <span className="install__reader">
        <strong>{t(`tests.wire.${wire}`)}</strong>
        <StateMark tone={TONES[state]}>{t(`tests.state.${state}`)}</StateMark>
        <span className="quiet" aria-live="polite">
          {state === "under-way" ? now : seen}
        </span>
        {test.elsewhere.length === 0 ? null : (
          <span>{t("tests.swapped", { names: test.elsewhere.join(tc("common.comma")) })}</span>
        )}
      </span>
      {!mayWrite || state === "not-wired" ? null : state === "ask" ? (
        <span className="install__ask">
          <span>{t(`tests.ask.${wire}`)}</span>
          <span className="actions">
            <Button type="primary" loading={answer.isPending} onClick={() => answer.mutate(true)}>
              {t("tests.yes")}
            </Button>
            <Button onClick={() => answer.mutate(false)}>{t("tests.no")}</Button>
          </span>
        </span>
      ) : isOn ? null : (
        <Button
          loading={start.isPending}
          aria-label={`${t(state === "untested" ? "tests.start" : "tests.again")} · ${t(`tests.wire.${wire}`)}`}
          onClick={() => start.mutate(undefined)}
        >
          {t(state === "untested" ? "tests.start" : "tests.again")}
        </Button>
      )}
    </li>
  );
}
