import { StateMark } from "@menshen/ui";
import { type ChangeReason, type Installation, installerEndpoints } from "@menshen/wire";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ReasonButton } from "../../components/reason-form.tsx";
import { useFloorPlans } from "../floor-plan/use-floor-plans.ts";
import { BoxStep } from "./box-step.tsx";
import { DevicesStep } from "./devices-step.tsx";
import { DoorsStep } from "./doors-step.tsx";
import { FoundStep } from "./found-step.tsx";
import { GradeStep } from "./grade-step.tsx";
import { OldJournal } from "./old-journal.tsx";
import { PlanStep } from "./plan-step.tsx";
import { SelfTestStep } from "./self-test-step.tsx";
import { currentStep, doneSteps, STEPS, type Step } from "./steps.ts";
import { TestsStep } from "./tests-step.tsx";
import { WiresStep } from "./wires-step.tsx";

/** All steps of one gate, the next one open. */
export function InstallationSteps({ installation }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const { gate, replaces } = installation;
  const plans = useFloorPlans().data?.items ?? [];
  const done = doneSteps(installation, plans);
  const current = currentStep(done);
  const content: Record<Step, ReactNode> = {
    doors: <DoorsStep installation={installation} />,
    plan: <PlanStep installation={installation} plans={plans} />,
    devices: <DevicesStep installation={installation} />,
    wires: <WiresStep installation={installation} />,
    box: <BoxStep installation={installation} />,
    found: <FoundStep installation={installation} />,
    tests: <TestsStep installation={installation} />,
    selfTest: <SelfTestStep installation={installation} />,
    grade: <GradeStep installation={installation} />,
  };
  return (
    <div className="install">
      <p className="install__back">
        <Link to="/install">{t("back")}</Link>
      </p>
      <PageHead
        title={gate.name}
        lead={current === undefined ? t("allDone") : t("progress", { done: done.size, all: STEPS.length })}
      />
      {replaces === undefined ? null : <p className="quiet">{t("replace.replaced")}</p>}
      <ol className="install__steps">
        {STEPS.map((step) => (
          <li key={step} data-step={step}>
            <Foldable isOpen={step === current} isDone={done.has(step)} title={t(`step.${step}`)}>
              {content[step]}
            </Foldable>
          </li>
        ))}
      </ol>
      <OldJournal installation={installation} />
      <ReplaceGate installation={installation} />
    </div>
  );
}

function Foldable(props: { isOpen: boolean; isDone: boolean; title: string; children: ReactNode }) {
  const { t } = useTranslation("installer");
  return (
    // The next step opens by itself; what a person opened or closed stays so until then.
    <details key={String(props.isOpen)} open={props.isOpen}>
      <summary>
        <h2>{props.title}</h2>
        <StateMark tone={props.isDone ? "granted" : props.isOpen ? "refused" : "quiet"}>
          {props.isDone ? t("done") : props.isOpen ? t("now") : t("later")}
        </StateMark>
      </summary>
      {props.children}
    </details>
  );
}

function ReplaceGate({ installation: { gate } }: { installation: Installation }) {
  const { t } = useTranslation("installer");
  const navigate = useNavigate();
  const mayWrite = useMay("gates.write");
  const replace = useChange(
    (reason: ChangeReason) => call(installerEndpoints.replace, { params: { gateId: gate.id }, reason }),
    {
      onDone: (next) => void navigate(`/install/${next.gate.id}`, { replace: true }),
      doneText: t("replace.done"),
    },
  );
  if (!mayWrite || gate.enrolment === "new" || gate.removedAt !== undefined) return null;
  return (
    <section className="section" aria-labelledby="replace">
      <h2 id="replace">{t("replace.title")}</h2>
      <p>{t("replace.help")}</p>
      <p className="quiet">{t("replace.keys")}</p>
      <ReasonButton
        label={t("replace.act")}
        isDangerous
        isPending={replace.isPending}
        onConfirm={(reason) => replace.mutate(reason)}
      />
    </section>
  );
}
