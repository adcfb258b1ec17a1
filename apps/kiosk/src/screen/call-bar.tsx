import type { KioskCallStep } from "@menshen/wire";
import { useEffect, useState } from "react";
import type { GateView } from "../gate/use-gate.ts";
import type { Tones } from "../sound/tones.ts";
import { Both } from "./both.tsx";

/** How long it is said that a call did not even begin. */
const FAILED_MS = 10_000;

type Failure = Exclude<Awaited<ReturnType<GateView["call"]>>, "called">;

/**
 * The button that calls for a guard, and what is known of the call: that it was sent is not that somebody knows. Low enough
 * for a hand from a wheelchair, in the same place whatever else the screen says.
 */
export function CallBar(props: { gate: GateView; play: Tones["play"] }) {
  const { gate, play } = props;
  const [failure, setFailure] = useState<Failure>();
  const [isAsking, setAsking] = useState(false);
  const isConnected = gate.link === "connected";
  const step = isConnected ? gate.state?.call?.step : undefined;
  const said: KioskCallStep | Failure | undefined = failure ?? step;

  useEffect(() => {
    if (failure === undefined) return;
    const timer = setTimeout(() => setFailure(undefined), FAILED_MS);
    return () => clearTimeout(timer);
  }, [failure]);
  useEffect(() => {
    if (said === "heard") play(true);
    else if (said === "unanswered" || said === "unheard" || said === "too-many") play(false);
  }, [said, play]);

  const press = () => {
    setAsking(true);
    setFailure(undefined);
    void gate.call().then((answer) => {
      setAsking(false);
      if (answer !== "called") setFailure(answer);
    });
  };
  const waits = step === "sending" || step === "arrived";
  return (
    <section className={`call${said === undefined ? "" : ` call--${said}`}`}>
      <p role="status" aria-live="polite">
        {isConnected ? <Both say={({ call }) => (said === undefined ? call.idle : call[said])} /> : null}
        {isConnected ? null : <Both say={({ call }) => call.offline} />}
      </p>
      <button
        type="button"
        className="plain-button"
        onClick={press}
        disabled={!isConnected || isAsking || waits}
      >
        <Both say={({ call }) => (waits ? call.waiting : said === undefined ? call.press : call.again)} />
      </button>
    </section>
  );
}
