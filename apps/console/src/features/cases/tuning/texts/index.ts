import { addTexts } from "../../../../i18n/add-texts.ts";
import { en } from "./en.ts";
import { zhCN } from "./zh-CN.ts";

addTexts("tuning", { "zh-CN": zhCN, en });
