import { fillText, formatClock, usePreferences } from "@menshen/ui";
import { useEffect, useState } from "react";
import { isDaylight } from "./daylight.ts";
import type { ScanAnswer } from "./gate/connection.ts";
import { type GateView, useGate } from "./gate/use-gate.ts";
import { explain } from "./scan/explain.ts";
import { makeScanGate } from "./scan/scan-gate.ts";
import { CallBar } from "./screen/call-bar.tsx";
import { Frame } from "./screen/frame.tsx";
import { Notice } from "./screen/notice.tsx";
import { Ready } from "./screen/ready.tsx";
import { useTones } from "./sound/use-tones.ts";

/** How long an outcome stands on the screen; whoever was refused has more to read. */
const GRANTED_MS = 4_000;
const REFUSED_MS = 8_000;
const DAYLIGHT_EVERY_MS = 60_000;

/** What came of a scan; `unheard`: the gate gave no answer. */
type Outcome = ScanAnswer | "unheard";

/** One door: what its gate says, and what the camera sees. */
export function Door(props: { token: string }) {
  const gate = useGate(props.token);
  const tones = useTones();
  const [outcome, setOutcome] = useState<Outcome>();
  const [isChecking, setChecking] = useState(false);
  const [codes] = useState(makeScanGate);
  const { doorName, timeZone } = gate.state ?? {};

  useDaylight(timeZone);
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), isGranted(outcome) ? GRANTED_MS : REFUSED_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const seen = (text: string) => {
    if (!codes.saw(text, performance.now())) return;
    setChecking(true);
    void gate.scan(text).then((result) => {
      const reached = result ?? "unheard";
      codes.answered(result !== undefined);
      setChecking(false);
      setOutcome(reached);
      tones.play(isGranted(reached));
    });
  };

  const isReady = gate.link === "connected" && gate.state?.state === "ready";
  return (
    <Frame doorName={doorName} isMuted={tones.isMuted} call={<CallBar gate={gate} play={tones.play} />}>
      {isReady ? (
        <Ready
          challenge={gate.state?.challenge}
          isCovered={outcome !== undefined}
          isChecking={isChecking}
          onCode={seen}
        />
      ) : null}
      {/* Always there, so that what appears in it is read out. */}
      <div role="status" aria-live="assertive" className="kiosk__notice">
        {outcome === undefined ? (
          <GateNotice gate={gate} timeZone={timeZone} />
        ) : (
          <OutcomeNotice outcome={outcome} timeZone={timeZone} />
        )}
      </div>
    </Frame>
  );
}

function isGranted(outcome: Outcome): boolean {
  return typeof outcome !== "string" && outcome.granted;
}

/** Light while the sun may stand on the screen, dark at night. */
function useDaylight(timeZone: string | undefined): void {
  const { setAppearance } = usePreferences();
  useEffect(() => {
    const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
    const look = () => setAppearance(isDaylight(Date.now(), zone) ? "light" : "dark");
    look();
    const timer = setInterval(look, DAYLIGHT_EVERY_MS);
    return () => clearInterval(timer);
  }, [timeZone, setAppearance]);
}

function OutcomeNotice(props: { outcome: Outcome; timeZone: string | undefined }) {
  const { outcome, timeZone } = props;
  if (typeof outcome === "string") {
    const name = outcome === "unheard" ? "unheard" : "tooMany";
    return (
      <Notice tone="refused" title={(t) => t[name].title} lines={[(t) => t[name].how, (t) => t[name].next]} />
    );
  }
  if (outcome.granted) {
    return <Notice tone="granted" title={(t) => t.granted.title} lines={[(t) => t.granted.how]} />;
  }
  const [deciding] = outcome.reasons;
  return (
    <Notice
      tone="refused"
      title={(t) => t.refused.title}
      lines={[
        (t, language) => explain(deciding, language, timeZone).why ?? t.refused.unexplained,
        (t, language) => {
          const { next } = explain(deciding, language, timeZone);
          return typeof next === "string" ? next : t.next[next.step];
        },
      ]}
    />
  );
}

/** What the gate has to say instead of asking for a code; nothing while it is ready. */
function GateNotice(props: { gate: GateView; timeZone: string | undefined }) {
  const { link, lostAt, state } = props.gate;
  switch (link) {
    case "connecting":
      return <Notice tone="quiet" title={(t) => t.connecting.title} lines={[(t) => t.connecting.how]} />;
    case "not-known":
      return <Notice tone="offline" title={(t) => t.notKnown.title} lines={[(t) => t.notKnown.how]} />;
    case "lost": {
      const timeZone = props.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
      const time = lostAt === undefined ? "" : formatClock(lostAt, { locale: "en-GB", timeZone }).slice(0, 5);
      return (
        <Notice
          tone="offline"
          title={(t) => t.lost.title}
          lines={[(t) => t.lost.how, (t) => fillText(t.lost.since, { time })]}
        />
      );
    }
    case "connected":
      break;
  }
  if (state?.state === "standing-open") {
    return <Notice tone="granted" title={(t) => t.standingOpen.title} lines={[(t) => t.standingOpen.how]} />;
  }
  if (state?.state === "out-of-service") {
    return <Notice tone="offline" title={(t) => t.outOfService.title} lines={[(t) => t.outOfService.how]} />;
  }
  return null;
}
