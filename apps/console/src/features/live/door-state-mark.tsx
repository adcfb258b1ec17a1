import { StateMark } from "@menshen/ui";
import type { DoorState } from "@menshen/wire";
import { useTranslation } from "react-i18next";
import { RelativeMoment } from "../../components/moments.tsx";
import { doorSays } from "./door-says.ts";

/** A door's state as shape, word and colour; of an offline one also since when. */
export function DoorStateMark(props: { door: DoorState }) {
  const { t } = useTranslation();
  const { door } = props;
  const { tone, text } = doorSays(t, door);
  return (
    <StateMark tone={tone}>
      {text}
      {tone !== "offline" || door.since === undefined ? null : (
        <>
          {" · "}
          <RelativeMoment epochMs={door.since} />
        </>
      )}
    </StateMark>
  );
}
