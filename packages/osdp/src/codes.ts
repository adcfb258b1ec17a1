/** Command codes (SIA OSDP v2.2 Annex A.1; values as in libosdp `osdp.h`). */
export const CommandCode = {
  poll: 0x60,
  id: 0x61,
  cap: 0x62,
  lstat: 0x64,
  istat: 0x65,
  ostat: 0x66,
  rstat: 0x67,
  out: 0x68,
  led: 0x69,
  buz: 0x6a,
  text: 0x6b,
  comset: 0x6e,
  keyset: 0x75,
  chlng: 0x76,
  scrypt: 0x77,
  acurxsize: 0x7b,
  filetransfer: 0x7c,
  mfg: 0x80,
  xwr: 0xa1,
  abort: 0xa2,
  keepactive: 0xa7,
} as const;

/** Reply codes (SIA OSDP v2.2 Annex A.2). */
export const ReplyCode = {
  ack: 0x40,
  nak: 0x41,
  pdid: 0x45,
  pdcap: 0x46,
  lstatr: 0x48,
  istatr: 0x49,
  ostatr: 0x4a,
  rstatr: 0x4b,
  raw: 0x50,
  fmt: 0x51,
  keypad: 0x53,
  com: 0x54,
  ccrypt: 0x76,
  rmacI: 0x78,
  busy: 0x79,
  ftstat: 0x7a,
  pivdatar: 0x80,
  genauthr: 0x81,
  crauthr: 0x82,
  mfgrep: 0x90,
  xrd: 0xb1,
} as const;

/** Error codes of a NAK (SIA OSDP v2.2 table "osdp_NAK"). */
export const NakReason = {
  none: 0,
  badCheck: 1,
  badLength: 2,
  unknownCommand: 3,
  badSequence: 4,
  secureChannelUnsupported: 5,
  secureChannelRequired: 6,
  biometricTypeUnsupported: 7,
  biometricFormatUnsupported: 8,
  cannotProcess: 9,
} as const;

/** Security block types (SIA OSDP v2.2 Annex D.1.3); 15 and 16 carry a MAC, 17 and 18 also enciphered data. */
export const SecurityBlock = {
  challenge: 0x11,
  clientCryptogram: 0x12,
  serverCryptogram: 0x13,
  initialRMac: 0x14,
  commandMac: 0x15,
  replyMac: 0x16,
  commandEnciphered: 0x17,
  replyEnciphered: 0x18,
} as const;

/** PDCAP function codes (SIA OSDP v2.2 Annex B). Read and shown, never a reason to lower security. */
export const Capability = {
  contactStatus: 1,
  outputControl: 2,
  cardDataFormat: 3,
  ledControl: 4,
  audibleOutput: 5,
  textOutput: 6,
  timeKeeping: 7,
  checkCharacter: 8,
  communicationSecurity: 9,
  receiveBufferSize: 10,
  largestCombinedMessage: 11,
  smartCard: 12,
  readers: 13,
  biometrics: 14,
  securePinEntry: 15,
  osdpVersion: 16,
} as const;

/** The address every PD answers to; only for a bus with one PD (SIA OSDP v2.2 §5.4). */
export const BROADCAST_ADDRESS = 0x7f;

/** Longest frame on the line, mark byte not counted (SIA OSDP v2.2 §5.7). */
export const MAX_FRAME_BYTES = 1440;
