export { ComplaintForm } from "./complaint-form.tsx";
export { ComplaintState, ComplaintView, ReceiptOutcome } from "./complaint-view.tsx";
export { ReceiptPanel } from "./receipt-panel.tsx";
export {
  type ComplaintBody,
  type ComplaintMoments,
  complaintNumber,
  daysLeft,
  type ShownCheck,
  type ShownVerdict,
  type WrittenComplaint,
} from "./shown.ts";
export { complaintProblem, useComplaintTexts } from "./use-complaint-texts.ts";
