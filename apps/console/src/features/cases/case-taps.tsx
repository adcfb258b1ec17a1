import { StateMark } from "@menshen/ui";
import { accessPointEndpoints, type CaseTap } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { usePaged } from "../../api/paged.ts";
import { ExactMoment } from "../../components/moments.tsx";
import { useFloorPlans } from "../floor-plan/use-floor-plans.ts";
import { useDoorNames } from "../openings/door-names.ts";

/** A tap with its number in the order of times. */
interface Numbered {
  readonly number: number;
  readonly tap: CaseTap;
}

/** Both halves of a forked card beside each other, then all taps in their order, on the plan where there is one. */
export function CaseTaps(props: { taps: readonly CaseTap[] }) {
  const { t: text } = useTranslation("cases");
  const inOrder = props.taps.toReversed().map((tap, index) => ({ number: index + 1, tap }));
  const halves = (["first", "second"] as const).map((half) => ({
    half,
    taps: inOrder.filter(({ tap }) => tap.half === half),
  }));
  const isForked = halves.every(({ taps }) => taps.length > 0);
  if (props.taps.length === 0) return <p className="quiet">{text("noTaps")}</p>;
  return (
    <>
      {isForked ? (
        <section className="section" aria-labelledby="halves">
          <h2 id="halves">{text("halves")}</h2>
          <p className="quiet">{text("halvesHelp")}</p>
          <div className="case-halves">
            {halves.map(({ half, taps }) => (
              <div key={half}>
                <h3>{text(`half.${half}`)}</h3>
                <TapList taps={taps} />
              </div>
            ))}
          </div>
        </section>
      ) : null}
      <section className="section" aria-labelledby="taps">
        <h2 id="taps">{text("timeline")}</h2>
        <p className="quiet">{text("timelineHelp")}</p>
        <CasePlan taps={inOrder} />
        <TapList taps={inOrder.toReversed()} />
      </section>
    </>
  );
}

function TapList(props: { taps: readonly Numbered[] }) {
  const { t: text } = useTranslation("cases");
  const { nameOf } = useDoorNames();
  return (
    <ol className="case-taps">
      {props.taps.map(({ number, tap }) => (
        <li key={number}>
          <span className="quiet">{number}</span>
          <span>
            <ExactMoment epochMs={tap.at} /> · {nameOf(tap.accessPointId) ?? text("unknownDoor")}
            <br />
            <StateMark tone={tap.granted ? "granted" : "refused"}>
              {text(tap.granted ? "granted" : "refused")}
            </StateMark>
            <span className="quiet">
              {tap.counter === undefined ? null : ` · ${text("counter", { value: tap.counter % 100_000 })}`}
              {tap.fingerprint === undefined ? null : ` · ${text("chip", { value: tap.fingerprint })}`}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The first plan that has one of the doors, with the numbers of the last taps at each. */
function CasePlan(props: { taps: readonly Numbered[] }) {
  const { t: text } = useTranslation("cases");
  const plans = useFloorPlans();
  const points = usePaged(accessPointEndpoints.list, { limit: 500 }).items;
  const numbers = new Map<string, number[]>();
  for (const { number, tap } of props.taps) {
    const portalId = points.find(({ id }) => id === tap.accessPointId)?.portalId;
    if (portalId !== undefined) numbers.set(portalId, [...(numbers.get(portalId) ?? []), number]);
  }
  const plan = plans.data?.items.find(({ doors }) => doors.some(({ portalId }) => numbers.has(portalId)));
  if (plan === undefined) return null;
  return (
    <figure className="case-plan" aria-label={text("plan")}>
      <img src={plan.imagePath} alt={plan.name} />
      {plan.doors.flatMap(({ portalId, x, y }) => {
        const here = numbers.get(portalId);
        return here === undefined
          ? []
          : [
              <span
                key={portalId}
                className="case-plan__mark"
                style={{ left: `${x / 10}%`, top: `${y / 10}%` }}
              >
                {here.slice(-SHOWN).join(" · ")}
              </span>,
            ];
      })}
    </figure>
  );
}

const SHOWN = 6;
