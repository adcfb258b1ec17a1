import type { Texts } from "./zh-CN.ts";

export const en: Texts = {
  title: "Menshen · door screen",
  door: "Door",
  camera:
    "This camera only reads codes. Its picture is not kept, goes nowhere, and is gone when you leave it.",
  noSound: "Touch the screen once to turn on the sounds.",
  ready: {
    show: "Show your code",
    how: "Hold the code on your phone to the camera, about 30 cm away.",
    card: "Or use your card: lay it flat on the reader.",
    seen: "A code was seen and is being checked",
    view: "What the camera sees",
  },
  challenge: {
    title: "Is the clock of your phone wrong? Use this.",
    how: "Scan this code with the app for residents, or type the eight characters; then hold the answer to the camera.",
    label: "Challenge of this door",
  },
  starting: { title: "Turning the camera on", how: "Allow the camera if the browser asks." },
  noCamera: {
    missing: { title: "No camera was found", how: "Plug one in; it is used at once." },
    refused: {
      title: "The camera is not allowed",
      how: "Allow this page to use the camera in the settings of the browser, then open it again.",
    },
    busy: {
      title: "The camera is in use",
      how: "Close the other program that uses it; it comes back at once.",
    },
    instead: "Use a card meanwhile, or a code scanner plugged into this screen.",
    field: "Text of the code",
    send: "Check",
  },
  standingOpen: { title: "The door is open, walk in", how: "It stands open now. Nothing needs to be shown." },
  outOfService: {
    title: "No codes at this door now",
    how: "Use a card or another door, or call the duty room.",
  },
  connecting: { title: "Connecting to the gate", how: "One moment." },
  lost: {
    title: "No connection to the gate",
    how: "Codes cannot be checked now. A card may still work at the reader; otherwise use another door or call the duty room.",
    since: "Since {{time}}. The screen connects again by itself.",
  },
  notKnown: {
    title: "The gate does not know this screen",
    how: "The token in its address is wrong. Maintenance should open the page again as the configuration of the gate says.",
  },
  notSetUp: {
    title: "This screen is not set up",
    how: "Maintenance should open this page by its whole address, token included.",
  },
  granted: { title: "Come in", how: "The door is open." },
  refused: { title: "Not opened", unexplained: "The gate gave no reason." },
  unheard: {
    title: "Not checked",
    how: "The gate gave no answer.",
    next: "Take the code away and show it again.",
  },
  tooMany: {
    title: "One moment",
    how: "Too many codes were shown at once.",
    next: "Take the code away, wait a moment, then show it again.",
  },
  next: {
    later: "Come back then, or ask the household that invited you.",
    "other-way": "Use a card or another door, or call the duty room.",
    ask: "Ask the household that invited you, or call the duty room.",
  },
  call: {
    press: "Call a guard",
    again: "Call again",
    waiting: "Calling",
    idle: "Do you need help? This rings for a guard; there is no voice.",
    offline: "The gate is not connected: nobody can be called from here now.",
    sending:
      "The call has not reached the duty room yet. Wait, or telephone or use another door if it is urgent.",
    arrived: "It rings in the duty room. Nobody has taken the call yet.",
    heard: "A guard knows that you are here. Please wait.",
    unanswered: "Nobody answered. Call again, or telephone the duty room.",
    unheard: "The call did not go out: the gate gave no answer. Try again.",
    "too-many": "There were several calls just now. Wait a minute, then call again.",
  },
  language: "中文",
};
