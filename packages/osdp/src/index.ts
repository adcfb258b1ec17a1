export { BROADCAST_ADDRESS, Capability, CommandCode, NakReason, ReplyCode } from "./codes.ts";
export { makeBus } from "./cp/bus.ts";
export type {
  Bus,
  BusOptions,
  CommandOptions,
  CommandOutcome,
  CommandRefusal,
  OsdpCardChannel,
  OwnersCommand,
  PdStatus,
} from "./cp/bus-api.ts";
export type {
  BusEvent,
  OfflineReason,
  SecureChannelLoss,
  SecureChannelState,
  TamperCause,
} from "./cp/bus-event.ts";
export {
  makePkocPanel,
  type PkocPanel,
  type PkocPanelOptions,
  type PkocPanelOutcome,
} from "./cp/pkoc-panel.ts";
export type { BusTiming, PdSettings } from "./cp/settings.ts";
export type {
  BuzzerControl,
  Command,
  CommandKind,
  LedColour,
  LedControl,
  LedPattern,
  LineSettings,
  OutputControl,
  TextOutput,
} from "./message/command.ts";
export {
  decodePkocMessage,
  encodePkocMessage,
  makePkocAssembler,
  PKOC_VENDOR,
  PkocErrorCode,
  type PkocMessage,
  type PkocReaderError,
  pkocParts,
} from "./message/pkoc.ts";
export type {
  FormattedCard,
  KeypadEntry,
  PdCapability,
  PdIdentity,
  RawCard,
  Reply,
  ReplyKind,
} from "./message/reply.ts";
export type { CardProtocol, CardStatus, XrdReport, XwrRequest } from "./message/xwr.ts";
export { monitorLine, type SeenFrame } from "./monitor/line-monitor.ts";
export { capturedFrame, captureHeader } from "./monitor/pcapng.ts";
export type { OsdpErrorCode } from "./osdp-error.ts";
export { OsdpError } from "./osdp-error.ts";
export { makePeripheralLine } from "./pd/peripheral-line.ts";
export type {
  Peripheral,
  PeripheralHandlers,
  PeripheralLine,
  PeripheralLineOptions,
  PeripheralLink,
  PeripheralSettings,
  PresentCard,
} from "./pd/peripheral-settings.ts";
export {
  LINE_SPEEDS,
  type LineProbeOptions,
  type LineVerdict,
  type PdVerdict,
  type ProbedPd,
  probeLine,
} from "./probe/line-probe.ts";
export type { Scbk } from "./secure/scbk.ts";
export { isPatterned, parseLabScbk, parseScbk, SCBK_D } from "./secure/scbk.ts";
export type { Timers } from "./timers.ts";
export { systemTimers } from "./timers.ts";
export type { ByteStream, ByteStreamListener } from "./transport/byte-stream.ts";
export type { TransportOptions, Where } from "./transport/open.ts";
export { openTransport, parseWhere } from "./transport/open.ts";
export { makeStreamPair } from "./transport/pair.ts";
