import { useCallback, useEffect, useRef, useState } from "react";
import { makeTones, type Tones } from "./tones.ts";

/** The sounds of this page, while it is open. */
export function useTones(): { readonly isMuted: boolean; readonly play: (granted: boolean) => void } {
  const tones = useRef<Tones>(undefined);
  const [isMuted, setMuted] = useState(false);
  useEffect(() => {
    const opened = makeTones(setMuted);
    tones.current = opened;
    addEventListener("pointerdown", opened.unlock);
    return () => {
      removeEventListener("pointerdown", opened.unlock);
      opened.close();
    };
  }, []);
  const play = useCallback((granted: boolean) => tones.current?.play(granted), []);
  return { isMuted, play };
}
