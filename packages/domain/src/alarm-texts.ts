import type { AlarmKind } from "./alarm.ts";

/** What a guard is to do, step by step, in both languages of the console. */
export interface AlarmInstruction {
  readonly zh: string;
  readonly en: string;
}

/** Instructions until a community writes its own. Each is read under stress: short sentences, the first thing first. */
export const ALARM_INSTRUCTIONS: Readonly<Record<AlarmKind, AlarmInstruction>> = {
  fire: {
    zh: "1. 拨打119，报清楼栋和楼层。2. 门已自动释放，不要上锁。3. 疏散人员，打印在场名单。4. 消防人员确认安全后才可复位。",
    en: "1. Call 119 and name building and floor. 2. The doors are released: do not lock them. 3. Lead people out, print the muster list. 4. Reset only after the fire brigade says it is safe.",
  },
  duress: {
    zh: "1. 有人被胁迫开门。不要打电话到现场，不要广播。2. 拨打110。3. 从远处观察，不要独自靠近。4. 等警察到场。",
    en: "1. Somebody was forced to open. Do not call the place, make no announcement. 2. Call 110. 3. Watch from a distance, never go alone. 4. Wait for the police.",
  },
  forced: {
    zh: "1. 看门口画面或派人到场。2. 有人闯入时拨打110，不要单独拦截。3. 无人时检查门磁和锁，关好门。4. 记录结论。",
    en: "1. Look at the door or send somebody. 2. If there is an intruder call 110, do not stop them alone. 3. If there is nobody, check contact and lock, and close the door. 4. Write the finding.",
  },
  tamper: {
    zh: "1. 派人到读卡器处。2. 拍下外壳和接线，不要自行接线。3. 有人破坏时拨打110。4. 报安装人员检查。",
    en: "1. Send somebody to the reader. 2. Take a picture of housing and wires, do not rewire it. 3. If somebody is damaging it call 110. 4. Have the installer check it.",
  },
  "lock-not-answering": {
    zh: "1. 不知道门是否锁住：派人到门口看守。2. 用手推门确认。3. 报安装人员。",
    en: "1. Nobody knows whether the door is locked: send somebody to watch it. 2. Try the door by hand. 3. Call the installer.",
  },
  "reader-attacked": {
    zh: "1. 读卡器线路上有伪造数据。2. 派人查看线路和读卡器周围。3. 报安装人员，不要重启。",
    en: "1. Forged data came over the reader's wire. 2. Send somebody to look at reader and wire. 3. Call the installer, do not restart anything.",
  },
  "credential-fault": {
    zh: "1. 卡可能是复制的。2. 到门口核对持卡人，不扣留人。3. 让住户到前台换卡。",
    en: "1. The card may be a copy. 2. Speak to whoever is at the door, detain nobody. 3. Ask the resident to change the card at the desk.",
  },
  "gate-silent": {
    zh: "1. 控制器失去联系，门仍自行工作。2. 检查电源和网络。3. 十分钟内未恢复，派人到门口并报安装人员。",
    en: "1. The gate is not heard; its doors go on working by themselves. 2. Check power and network. 3. If it is not back in ten minutes, send somebody there and call the installer.",
  },
  "reader-offline": {
    zh: "1. 此处不能刷卡。2. 派人到门口帮助住户。3. 检查电源和线路，报安装人员。",
    en: "1. Nobody can present a card there. 2. Send somebody to help residents. 3. Check power and wire, call the installer.",
  },
  "journal-degraded": {
    zh: "1. 控制器不能可靠记录，门仍工作。2. 报安装人员检查磁盘。",
    en: "1. The gate cannot record reliably; its doors work. 2. Have the installer check its disk.",
  },
  "held-too-long": {
    zh: "1. 看门口是否有人搬运或门被卡住。2. 通知关门。3. 无人时派人关门。",
    en: "1. See whether somebody is carrying things or the door is wedged. 2. Ask them to close it. 3. If there is nobody, send somebody to close it.",
  },
  "power-fault": {
    zh: "1. 读卡器供电异常，可能很快停止工作。2. 白天报安装人员检查电源。",
    en: "1. The reader's power fails; it may soon stop. 2. Have the installer check the supply during the day.",
  },
  call: {
    zh: "1. 有人在门口屏上按了呼叫。接手后，屏上会告诉他有人知道了。2. 看门口画面，或到门口问需要什么。3. 不认识的人不放行；请他联系住户。",
    en: "1. Somebody at the door's screen called. When you take it, the screen tells them so. 2. Look at the door, or go and ask what they need. 3. Let nobody in whom you do not know: ask them to call the household.",
  },
  "contact-chatter": {
    zh: "1. 门磁时断时续，系统不知道门是否关好。2. 派人到门口，用手关好并推一推。3. 报安装人员检查门磁和接线。",
    en: "1. The door's contact flickers: nobody knows whether the door is shut. 2. Send somebody to close it and try it by hand. 3. Have the installer check contact and wire.",
  },
  "reader-flooded": {
    zh: "1. 读卡器连续上报，人手刷不了这么快：可能有人在试卡号，也可能读卡器坏了。2. 派人查看读卡器旁。3. 有人在试卡时拨打110；无人时报安装人员。其他门不受影响。",
    en: "1. The reader reports faster than a person can: somebody may be trying numbers, or it is broken. 2. Send somebody to the reader. 3. If somebody is trying cards call 110; if nobody is there call the installer. Other doors are not affected.",
  },
  "battery-low": {
    zh: "1. 控制器电池电量低：停电后门只能再工作很短时间。2. 检查市电是否正常。3. 报安装人员更换电池，备好钥匙。",
    en: "1. The gate's battery is low: in a power cut its doors work only for a short time. 2. See whether the mains are on. 3. Have the installer change the battery; keep the keys at hand.",
  },
  tailgating: {
    zh: "1. 有人跟在别人身后通过了闸机。2. 看画面或到场，问清是谁、去哪里。3. 不认识的人请他登记。4. 经常发生时报安装人员检查传感器。",
    en: "1. Somebody went through behind another. 2. Look, or go there, and ask who it is and where they go. 3. Have strangers sign in. 4. If it happens often, have the installer check the sensor.",
  },
};
