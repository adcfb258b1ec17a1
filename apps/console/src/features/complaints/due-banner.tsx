import "./texts/index.ts";
import { complaintEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { call } from "../../api/client.ts";
import { useSignedIn } from "../../api/session.tsx";

const LOOK_EVERY_MS = 5 * 60_000;

/** A line on every screen of a body that was reminded of a complaint, until it is answered. */
export default function DueBanner() {
  const { t: text } = useTranslation("complaints");
  const { staffId } = useSignedIn();
  const { pathname } = useLocation();
  const list = useQuery({
    queryKey: [complaintEndpoints.queue.id, staffId, false],
    queryFn: ({ signal }) => call(complaintEndpoints.queue, { query: { answered: false }, signal }),
    refetchInterval: LOOK_EVERY_MS,
  });
  const count = list.data?.items.filter(({ reminders, late }) => reminders > 0 || late).length ?? 0;
  if (count === 0 || pathname === "/complaints") return null;
  return (
    <div className="banner" role="status">
      {text("dueBanner", { count })} <Link to="/complaints">{text("dueOpen")}</Link>
    </div>
  );
}
