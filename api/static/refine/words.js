// The words of the attendants' queue, in both languages.

import { addWords } from "../shared/language.js";
import "../shared/where.js";

addWords({
  en: {
    title: "Find cars", skip: "Skip to the questions", signInFirst: "Sign in as an attendant or operator of a place.", at: "Place",
    nowherePlace: "You attend no place. Its operator can make you an attendant.", queue: "Asked where the car stands", noQuestions: "Nobody asks now. Questions of drivers come here by themselves.",
    answered: "Answered; a new answer corrects it", noAnswered: "Nothing answered of cars that are still here.", knownSoFar: "Known so far", asksSince: "Asked {at}",
    question_OPEN: "Open", question_TAKEN: "Somebody else is looking", question_MINE: "You are looking", question_ANSWERED: "Answered", question_FAILED: "Not found",
    take: "I look for it", handBack: "Hand it back", answer: "It stands here", correct: "Correct the answer", send: "Send", answerAbout: "At least one of level, row, bay and coordinates.",
    fail: "Cannot be found", reason: "Why (the driver reads this)", failReason: "Not found where it was said to be", sayWhere: "Say at least one of level, row, bay and coordinates",
    answeredAt: "Answered {at}", sent: "Sent. Thank you.", withdrawn: "A question was taken back, or its car is gone.",
    refusal_CHANGED_MEANWHILE: "somebody has changed the question meanwhile; look at it again", refusal_TAKEN_BY_ANOTHER: "somebody else is looking for this car", refusal_CAR_MOVED: "the car was moved since; nothing more to do",
    refusal_POSITION_ENDED: "the car is gone; nothing more to do", refusal_WRONG_STATE: "that is not possible any more", refusal_NOT_FOUND: "the question is not there any more", refusal_TOO_MANY_VERSIONS: "this position was changed too often",
  },
  zh: {
    title: "代客找车", skip: "跳到询问", signInFirst: "请以停车场管理员或运营方身份登录。", at: "停车场",
    nowherePlace: "您未负责任何停车场。运营方可以将您设为管理员。", queue: "询问车的准确位置", noQuestions: "目前没有询问。车主的询问会自动出现在这里。",
    answered: "已回答；再次回答即为更正", noAnswered: "在场车辆没有已回答的询问。", knownSoFar: "目前所知", asksSince: "{at} 询问",
    question_OPEN: "待处理", question_TAKEN: "他人正在查找", question_MINE: "您正在查找", question_ANSWERED: "已回答", question_FAILED: "未找到",
    take: "我来找", handBack: "交回", answer: "车在这里", correct: "更正回答", send: "发送", answerAbout: "楼层、区域、车位、坐标至少填写一项。",
    fail: "找不到", reason: "原因（车主可见）", failReason: "在所说的位置没有找到", sayWhere: "请至少填写楼层、区域、车位、坐标中的一项",
    answeredAt: "{at} 回答", sent: "已发送，谢谢。", withdrawn: "有一条询问已撤回，或车已离开。",
    refusal_INVALID_INPUT: "请检查填写的内容（{message}）",
    refusal_CHANGED_MEANWHILE: "询问已被他人更改，请重新查看", refusal_TAKEN_BY_ANOTHER: "他人正在查找此车", refusal_CAR_MOVED: "车已挪动，无需再处理",
    refusal_POSITION_ENDED: "车已离开，无需再处理", refusal_WRONG_STATE: "目前已无法这样操作", refusal_NOT_FOUND: "该询问已不存在", refusal_TOO_MANY_VERSIONS: "此位置更改次数过多",
  },
});
