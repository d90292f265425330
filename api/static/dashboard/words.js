// Every word the dashboard shows, in its two languages.

const WORDS = {
  en: {
    title: "Live occupancy", place: "Place", search: "Search places", language: "中文",
    languageName: "Switch to Chinese", theme: "Light or dark", signIn: "Sign in",
    signOut: "Sign out", live: "Live", connecting: "Connecting…",
    stale: "Not live since {time}", staleNote: "Connection lost. What you see may be out of date.",
    plan: "Floor plan", level: "Level", allLevels: "All", legend: "Legend",
    AVAILABLE: "Available", RESERVED: "Reserved", OCCUPIED: "Occupied", CLOSED: "Closed",
    UNKNOWN: "Unknown", SPACES_AVAILABLE: "Spaces available", ALMOST_FULL: "Almost full",
    FULL: "Full", letter_AVAILABLE: "A", letter_RESERVED: "R", letter_OCCUPIED: "O",
    letter_CLOSED: "C", letter_UNKNOWN: "?", counts: "Spaces by status", total: "of {n} spaces",
    history: "Last 24 hours", historyNote: "Share of known time that spaces were occupied",
    historyEmpty: "No history for this place yet.", now: "Now", health: "Device health",
    healthSignIn: "Sign in as an operator or attendant of this place to see its devices.",
    healthNone: "No devices in this place yet.", devices: "{n} devices", silent: "{n} silent",
    lowBattery: "{n} low battery", faulty: "{n} with errors", allWell: "All devices are well.",
    endpoint: "Device", lastSeen: "Last seen", battery: "Battery", signal: "Signal",
    errors: "Errors", never: "never", isSilent: "silent", space: "Space", since: "since {time}",
    source: "Source", observed: "Last report", service: "Service", claim: "Claim", lock: "Lock",
    attributes: "Attributes", ev: "charging", accessible: "accessible", height: "max. {m} m",
    DEVICE: "sensor", PERSON: "person", STALENESS: "sensor is silent", NONE: "none",
    OPEN: "open", HELD: "held", RAISED: "raised", LOWERED: "lowered", MOVING: "moving",
    OBSTRUCTED: "obstructed", FORCED: "forced", FAULT: "fault", FREE: "free",
    choose: "Choose a space on the plan to see more.", noPlaces: "No places yet. Run “berth seed” or import one.",
    failed: "Could not load: {reason}", retry: "Try again", localTime: "Local time {time}",
    planHelp: "Arrow keys move between spaces.", changed: "{number}: {status}",
    closeDetail: "Close", skip: "Skip to the floor plan", notFound: "This place does not exist or is not yours to see.",
  },
  zh: {
    title: "实时车位", place: "停车场", search: "搜索停车场", language: "English",
    languageName: "切换到英文", theme: "浅色或深色", signIn: "登录",
    signOut: "退出登录", live: "实时", connecting: "正在连接…",
    stale: "自 {time} 起未更新", staleNote: "连接已断开，所示内容可能不是最新。",
    plan: "平面图", level: "楼层", allLevels: "全部", legend: "图例",
    AVAILABLE: "空闲", RESERVED: "已预订", OCCUPIED: "占用", CLOSED: "关闭",
    UNKNOWN: "未知", SPACES_AVAILABLE: "有空位", ALMOST_FULL: "即将满位",
    FULL: "已满", letter_AVAILABLE: "空", letter_RESERVED: "订", letter_OCCUPIED: "占",
    letter_CLOSED: "关", letter_UNKNOWN: "?", counts: "各状态车位数", total: "共 {n} 个车位",
    history: "最近 24 小时", historyNote: "已知时间内车位被占用的比例",
    historyEmpty: "该停车场暂无历史数据。", now: "现在", health: "设备状况",
    healthSignIn: "以该停车场的运营员或管理员身份登录后可查看设备。",
    healthNone: "该停车场暂无设备。", devices: "{n} 台设备", silent: "{n} 台失联",
    lowBattery: "{n} 台电量低", faulty: "{n} 台有故障", allWell: "所有设备正常。",
    endpoint: "设备", lastSeen: "最后在线", battery: "电量", signal: "信号",
    errors: "故障", never: "从未", isSilent: "失联", space: "车位", since: "自 {time}",
    source: "来源", observed: "最近上报", service: "服务", claim: "占用权", lock: "地锁",
    attributes: "属性", ev: "充电", accessible: "无障碍", height: "限高 {m} 米",
    DEVICE: "传感器", PERSON: "人工", STALENESS: "传感器失联", NONE: "无",
    OPEN: "开放", HELD: "暂留", RAISED: "升起", LOWERED: "降下", MOVING: "运动中",
    OBSTRUCTED: "受阻", FORCED: "被强行压下", FAULT: "故障", FREE: "空闲",
    choose: "在平面图上选择一个车位查看详情。", noPlaces: "暂无停车场。请运行 “berth seed” 或导入。",
    failed: "加载失败：{reason}", retry: "重试", localTime: "当地时间 {time}",
    planHelp: "用方向键在车位间移动。", changed: "{number}：{status}",
    closeDetail: "关闭", skip: "跳到平面图", notFound: "该停车场不存在或您无权查看。",
  },
};

function preferred() {
  const kept = localStorage.getItem("berth.language");
  if (kept in WORDS) return kept;
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) &&
    !navigator.languages[0].toLowerCase().startsWith("en") ? "zh" : "en";
}

export let language = preferred();

export function setLanguage(tag) {
  language = tag;
  localStorage.setItem("berth.language", tag);
  document.documentElement.lang = tag === "zh" ? "zh-Hans" : "en";
}

/** The word for `key` in the present language, with `{name}` filled in. */
export function t(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Writes the words of all elements that name one in `data-t` (text) or `data-t-label`. */
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of root.querySelectorAll("[data-t-placeholder]"))
    element.placeholder = t(element.dataset.tPlaceholder);
  document.title = `${t("title")} · Berth`;
}

/** Time of day, or date and time when not today, in the place's own zone. */
export function clockTime(iso, timeZone) {
  if (!iso) return t("never");
  const locale = language === "zh" ? "zh-CN" : "en-GB";
  const then = new Date(iso);
  const day = (date) => date.toLocaleDateString(locale, { timeZone });
  const time = { hour: "2-digit", minute: "2-digit", timeZone };
  if (day(then) === day(new Date())) return then.toLocaleTimeString(locale, time);
  return then.toLocaleString(locale, { day: "numeric", month: "short", ...time });
}
