import "./texts/index.ts";
import "./openings.css";
import { Route, Routes } from "react-router";
import { useMay } from "../../api/session.tsx";
import { Forbidden, NotFound, OtherDuty } from "../../components/page-states.tsx";
import { IntakePage } from "./intake-page.tsx";
import { OpeningPage } from "./opening-page.tsx";
import { OpeningReportPage } from "./opening-report.tsx";
import { OpeningsList } from "./openings-list.tsx";

/** Lawful requests to open sealed records, as the records officer works with them. */
export default function OpeningsPage() {
  const mayWrite = useMay("openings.write");
  return (
    <Routes>
      <Route index element={<OpeningsList />} />
      <Route path="new" element={mayWrite ? <IntakePage /> : <MayNot />} />
      <Route path="report" element={<OpeningReportPage />} />
      <Route path=":id" element={<OpeningPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

function MayNot() {
  const mayRead = useMay("openings.read");
  return mayRead ? <Forbidden /> : <OtherDuty duty="secure" />;
}
