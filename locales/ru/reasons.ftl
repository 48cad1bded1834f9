# Слова для каждого кода, который ходит по сети: короткие, добрые, понятные в волнении.
# Их читают обе стороны, поэтому они ни к кому не обращаются как к виноватому.

## Состояния звонка

state-SCHEDULED = Свидание назначено
state-OPEN = Можно входить
state-WAITING_INMATE = Ждём собеседника в учреждении
state-WAITING_VISITOR = Ждём посетителя
state-LIVE = Свидание идёт
state-PAUSED = Свидание на паузе
state-RECONNECTING = Связь пропала, восстанавливаем
state-ENDED = Свидание закончилось

## Чем закончилось свидание

outcome-COMPLETED_NORMALLY = Время свидания закончилось
outcome-TERMINATED_BY_STAFF = Свидание прекратил сотрудник
outcome-INMATE_COMPLETED_EARLY = Собеседник в учреждении завершил свидание
outcome-VISITOR_COMPLETED_EARLY = Посетитель завершил свидание
outcome-INMATE_REFUSED_TO_ATTEND = Человек в учреждении отказался от свидания
outcome-INMATE_NOT_BROUGHT = Собеседника не привели к терминалу
outcome-VISITOR_DID_NOT_ARRIVE = Посетитель не подключился
outcome-VISITOR_FAILED_SECURITY_CHECKS = Проверка посетителя не пройдена
outcome-ESTABLISHMENT_CANCELLED = Свидание отменило учреждение
outcome-INMATE_CANCELLED = Свидание отменил человек в учреждении
outcome-VISITOR_CANCELLED = Свидание отменил посетитель
outcome-BATCH_CANCELLATION = Отменены все свидания на это время
outcome-ADMINISTRATIVE_ERROR = В записи на свидание была ошибка
outcome-SUSPENDED_BY_ORDER = Свидание приостановлено
outcome-TECHNICAL_FAILURE_FACILITY = Неполадка на стороне учреждения
outcome-TECHNICAL_FAILURE_VISITOR = Неполадка со связью у посетителя

## Почему нельзя

reason-NO_ALLOWANCE = Положенные свидания за этот период закончились
reason-VISITOR_NOT_ON_LIST = Посетителя нет в списке разрешённых контактов
reason-VISITOR_BANNED = Посетителю сейчас запрещены свидания
reason-INMATE_BANNED = Свидания для человека в учреждении сейчас запрещены
reason-SLOT_UNAVAILABLE = На это время нет места
reason-NO_ADULT = Рядом с ребёнком должен быть взрослый
reason-NON_ASSOCIATION = В это время терминалом пользоваться нельзя
reason-DOUBLE_BOOKING = На это время уже есть другое свидание
reason-INMATE_MOVED = Человека перевели в другое учреждение
reason-INMATE_RELEASED = Человек освобождён
reason-NO_PERMIT = Нет разрешения следователя или суда
reason-PERMIT_USED = Разрешение уже использовано
reason-SUSPENDED_BY_ORDER = Свидание приостановлено
reason-OTHER = Сейчас свидание невозможно
reason-CREDENTIAL_NOT_VERIFIED = Удостоверение посетителя ещё не проверено
reason-VISIT_TYPE_MISMATCH = Свидание записано не тем видом
reason-RESTRICTED = Есть ограничение на это свидание
reason-FACTS_MISSING = Не хватает сведений, чтобы разрешить свидание
reason-SLOT_NOT_OPEN = Время свидания ещё не наступило
reason-VISIT_OVER = Время этого свидания прошло
reason-NOTICE_NOT_ACCEPTED = Сначала нужно согласие с правилами свидания
reason-TERMINAL_OUT_OF_SERVICE = Терминал сейчас не работает
reason-RECORDING_UNAVAILABLE = Свидание нельзя записать, поэтому начать его нельзя
reason-NO_CODEC = У двух устройств нет общего формата видео
reason-PIN_WRONG = PIN-код не подошёл
reason-BADGE_MISSING = Нужен ваш пропуск
reason-BADGE_WRONG = Этот пропуск не относится к свиданию
reason-NO_VISIT_NOW = Сейчас у вас нет свидания на этом терминале
reason-INMATE_LOCKED = Вход временно закрыт: PIN-код ввели неверно много раз
reason-TERMINAL_LOCKED = Терминал временно закрыт: PIN-код ввели неверно много раз
reason-TERMINAL_NOT_ENROLLED = Терминал не подключён к этому серверу
reason-RELAY_KEY_CHANGED = Сервер показал чужой ключ: терминал с ним не разговаривает
reason-LINK_UNKNOWN = Эта ссылка не подходит ни к одному свиданию
reason-LINK_USED = Эта ссылка уже открыта на другом устройстве
reason-LINK_EXPIRED = Срок этой ссылки закончился
reason-LINK_REPLACED = Вместо этой ссылки выдана новая

## Основания приказа о приостановке

order-reason-SECURITY_INCIDENT = Происшествие в учреждении
order-reason-INVESTIGATION = Идёт проверка
order-reason-PERSON_SAFETY = Безопасность человека
order-reason-RULE_VIOLATION = Нарушение правил свиданий
order-reason-TECHNICAL_WORK = Технические работы
order-reason-QUARANTINE = Карантин
order-reason-COURT_ORDER = Решение суда

## Почему сотрудник прекратил свидание

termination-RULES_BROKEN = Нарушены правила свидания
termination-THREAT_OR_ABUSE = Угрозы или оскорбления
termination-THIRD_PERSON = На свидании посторонний человек
termination-INDECENCY = Недопустимое поведение
termination-SAFETY_OF_PERSON = Безопасность человека
termination-FACILITY_EMERGENCY = Чрезвычайное положение в учреждении
termination-REQUESTED_BY_PARTY = Об этом попросил участник

## Виды свиданий

visit-type-FAMILY = Свидание с близкими
visit-type-LEGAL = Встреча с защитником
visit-type-CONSULAR = Встреча с консулом
visit-type-OMBUDSMAN = Встреча с уполномоченным
visit-type-MEDICAL = Встреча с врачом
visit-type-CLERGY = Встреча со священнослужителем
visit-type-OFFICIAL = Служебная встреча

## Что делать дальше

todo-COMPLETED_NORMALLY = Спасибо. Следующее свидание можно назначить через учреждение.
todo-TERMINATED_BY_STAFF = Если вы не согласны, обжалуйте это у начальника учреждения или прокурора. Новое свидание назначит учреждение.
todo-INMATE_COMPLETED_EARLY = Если это вышло случайно, попросите учреждение назначить новое свидание.
todo-VISITOR_COMPLETED_EARLY = Если это вышло случайно, попросите учреждение назначить новое свидание.
todo-INMATE_REFUSED_TO_ATTEND = Это решение человека. Новое свидание можно попросить в любое время.
todo-INMATE_NOT_BROUGHT = Это не ваша вина, свидание не вычитается. Учреждение предложит другое время.
todo-VISITOR_DID_NOT_ARRIVE = Попросите учреждение назначить другое время.
todo-VISITOR_FAILED_SECURITY_CHECKS = Узнайте в учреждении, что нужно для проверки. Решение можно обжаловать.
todo-ESTABLISHMENT_CANCELLED = Это не ваша вина, свидание не вычитается. Учреждение предложит другое время.
todo-INMATE_CANCELLED = Новое свидание можно назначить через учреждение.
todo-VISITOR_CANCELLED = Новое свидание можно назначить через учреждение.
todo-BATCH_CANCELLATION = Это не ваша вина, свидание не вычитается. Учреждение предложит другое время.
todo-ADMINISTRATIVE_ERROR = Это не ваша вина, свидание не вычитается. Учреждение исправит запись и предложит другое время.
todo-SUSPENDED_BY_ORDER = Свидание не вычитается. Решение можно обжаловать у начальника учреждения, прокурора или в суде. Если приостановку снимут раньше, войти можно будет здесь же.
todo-TECHNICAL_FAILURE_FACILITY = Это не ваша вина, свидание не вычитается. Учреждение предложит другое время.
todo-TECHNICAL_FAILURE_VISITOR = Проверьте связь и попросите учреждение назначить другое время.

todo-NO_ALLOWANCE = Спросите в учреждении, когда можно назначить следующее свидание.
todo-VISITOR_NOT_ON_LIST = Попросите человека в учреждении внести посетителя в список контактов.
todo-VISITOR_BANNED = Запрет можно обжаловать у начальника учреждения, прокурора или в суде.
todo-INMATE_BANNED = Запрет можно обжаловать у начальника учреждения, прокурора или в суде.
todo-SLOT_UNAVAILABLE = Попросите учреждение назначить другое время.
todo-NO_ADULT = Подключитесь вместе со взрослым, который указан в записи.
todo-NON_ASSOCIATION = Учреждение назначит другое время.
todo-DOUBLE_BOOKING = Попросите учреждение назначить другое время.
todo-INMATE_MOVED = Спросите в учреждении, куда перевели человека и как записаться там.
todo-INMATE_RELEASED = Видеосвидание больше не нужно: человек на свободе.
todo-NO_PERMIT = Попросите разрешение у следователя или суда и передайте его в учреждение.
todo-PERMIT_USED = На каждое свидание нужно новое разрешение следователя или суда.
todo-OTHER = Позвоните в учреждение, там объяснят причину.
todo-CREDENTIAL_NOT_VERIFIED = Покажите удостоверение в учреждении, и его проверят.
todo-VISIT_TYPE_MISMATCH = Попросите учреждение исправить запись. Это не ваша вина.
todo-RESTRICTED = Спросите в учреждении, какое ограничение действует и до какого дня. Его можно обжаловать.
todo-FACTS_MISSING = Позвоните в учреждение, там проверят запись. Это не ваша вина.
todo-SLOT_NOT_OPEN = Ничего делать не нужно: войти можно будет здесь, когда время наступит.
todo-VISIT_OVER = Попросите учреждение назначить новое свидание.
todo-NOTICE_NOT_ACCEPTED = Прочитайте уведомление и решите, согласны ли вы.
todo-TERMINAL_OUT_OF_SERVICE = Это не ваша вина. Сотрудник подберёт другой терминал или другое время.
todo-NO_CODEC = Это не ваша вина, свидание не вычитается. Откройте ссылку в свежей версии Chrome, Firefox, Edge или Safari либо попросите в учреждении новую ссылку для другого устройства.
todo-RECORDING_UNAVAILABLE = Это не ваша вина, свидание не вычитается. Попробуйте через несколько минут.
todo-PIN_WRONG = Попробуйте ещё раз или позовите сотрудника.
todo-BADGE_MISSING = Положите пропуск на считыватель и введите ПИН-код.
todo-BADGE_WRONG = Возьмите свой пропуск или позовите сотрудника.
todo-NO_VISIT_NOW = Проверьте время и номер терминала или позовите сотрудника.
todo-INMATE_LOCKED = Подождите или позовите сотрудника.
todo-TERMINAL_LOCKED = Подождите или позовите сотрудника.
todo-TERMINAL_NOT_ENROLLED = Скажите сотруднику.
todo-RELAY_KEY_CHANGED = Скажите сотруднику: связь могли подменить.
todo-LINK_UNKNOWN = Проверьте, что ссылка скопирована целиком. Если не помогло, попросите у учреждения новую.
todo-LINK_USED = Вернитесь на то устройство и в тот браузер, где вы входили. Если это были не вы, сразу сообщите в учреждение: ссылку заменят.
todo-LINK_EXPIRED = Попросите учреждение назначить новое свидание.
todo-LINK_REPLACED = Откройте последнюю ссылку, которую вам прислали.

# Предупреждение обоим участникам во время разговора.
warning-title = Предупреждение сотрудника:
warning-RULES_BROKEN = соблюдайте правила свидания
warning-THREAT_OR_ABUSE = говорите без угроз и оскорблений
warning-THIRD_PERSON = в кадре посторонний человек
warning-INDECENCY = ведите себя прилично

# Жалоба на свидание, подаётся в кабине одним касанием.
complaint-SOUND_OR_PICTURE = Плохой звук или картинка
complaint-CUT_SHORT = Свидание оборвали раньше
complaint-STAFF_CONDUCT = Поведение сотрудника
complaint-OTHER = Другое
