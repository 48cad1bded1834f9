# Страницы сотрудников: вход, дежурный, администратор, надзор.

loading = Загружаем…
try-again = Попробовать ещё раз
choose = Выберите…
cancel = Отмена
close = Закрыть
minutes =
    { $count ->
        [one] { $count } минута
        [few] { $count } минуты
       *[many] { $count } минут
    }
hours =
    { $count ->
        [one] { $count } час
        [few] { $count } часа
       *[many] { $count } часов
    }
days =
    { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[many] { $count } дней
    }

staff-facility-time = Время учреждения
staff-log-out = Выйти
role-guard = дежурный
role-administrator = администратор
role-approver = утверждающий
role-oversight = надзор
role-auditor = проверяющий

## Вход

login-title = Вход для сотрудников
login-for = Видеосвидания учреждения
login-user = Имя пользователя
login-password = Пароль
login-submit = Войти
login-working = Входим…
login-again = Вход истёк. Войдите ещё раз.
login-empty = Введите имя пользователя и пароль.
login-locked-until = Вход закрыт до { $time }: было много неверных попыток.

## Ошибки

error-title = Не получилось.
error-LOGIN_FAILED = Имя пользователя или пароль не подошли.
error-LOGIN_LOCKED = Вход временно закрыт: было много неверных попыток.
error-NETWORK = Сервер не отвечает. Проверьте связь и попробуйте ещё раз.
error-FORBIDDEN = У вашей роли нет на это права.
error-NOT_FOUND = Этого больше нет: возможно, список устарел.
error-IMPACT_CHANGED = Пока вы заполняли, число свиданий изменилось. Посмотрите новые числа и введите количество ещё раз.
error-INVALID_ORDER = Приказ заполнен неверно. Посмотрите отмеченные поля.
error-LOGIN_REQUIRED = Вход истёк. Войдите ещё раз.
error-INVALID_REQUEST = Сервер не понял запрос. Обновите страницу и попробуйте ещё раз.
error-NOTICE_DELIVERED = Об этом уже сообщили.
error-NOT_POSSIBLE = Это уже невозможно: свидание закончилось или изменилось.
error-NO_SUCH_VISIT = Такого свидания нет: возможно, список устарел.
error-NO_SUCH_ORDER = Такого приказа нет: возможно, список устарел.
error-VISIT_PROTECTED = За защищённым свиданием не наблюдают.
error-NOT_LIVE = Разговор уже не идёт.
error-TOO_MANY_MONITORS = Слишком много наблюдений сразу: закройте что-нибудь другое.
error-TIMED_OUT = Сервер не ответил вовремя. Попробуйте ещё раз.
error-WORKER_LOST = Сбой передачи звука и видео. Попробуйте через минуту.
error-SERVER = Ошибка на сервере. Попробуйте ещё раз; если повторится, сообщите технической службе.
error-UNKNOWN = Код ошибки: { $code }.

## Свежесть списка

live-connecting = Соединяем…
live-fresh = Данные свежие
live-stale = Данные устарели: { $seconds } с
live-lost = Связь потеряна: { $seconds } с, восстанавливаем

## Тревоги

alerts-title = Тревоги: { $count }
alerts-none = Тревог нет.
alert-rank = П{ $rank }
terminal-unlock = Разблокировать
alert-acknowledge = Принять
alert-party-INMATE = сторона осуждённого
alert-party-VISITOR = сторона посетителя
alert-part-door = дверца
alert-part-case = корпус
alert-LINK_SECOND_DEVICE = Ссылку посетителя открыли на втором устройстве
alert-ORDER_REVIEW_OPENED = Один человек экстренно приостановил свидания учреждения: решение должен пересмотреть другой
alert-ORDER_REVIEW_DUE = Пора пересмотреть приказ о приостановке
alert-APPEAL_FILED = Жалоба на приказ о приостановке ждёт решения
alert-APPEAL_OVERDUE = Срок решения по жалобе на приказ истёк
alert-PIN_LOCKED = PIN-код введён неверно пять раз
alert-STAFF_CALLED = Зовут сотрудника
staff-reason-UNWELL = Человеку плохо
staff-reason-TECHNICAL = Что-то не работает
staff-reason-QUESTION = Есть вопрос
alert-RECORDING_FAILED = Запись остановилась
alert-SELF_TEST_FAILED = Самопроверка терминала не прошла
alert-TERMINAL_LOST = Терминал не отвечает
alert-WORKER_LOST = Сбой передачи звука и видео
alert-DISK_LOW = Заканчивается место на диске
alert-PICTURE_DARK = Изображение тёмное
alert-PICTURE_COVERED = Камера закрыта
alert-PICTURE_FROZEN = Изображение не движется
alert-PANIC = Кнопка тревоги в кабине
alert-TAMPER = Открыта дверца или корпус терминала
alert-POWER_NOT_CUT = На камере или микрофоне есть питание, хотя быть не должно
alert-POWER_NOT_CONFIRMED = Свидание закончено, но отключение камеры и микрофона не подтверждено: проверьте на месте
alert-POWER_NOT_GIVEN = Камера или микрофон не получает питание
alert-BOARD_LOST = Плата терминала не отвечает
alert-TOO_HOT = Терминал перегрелся
alert-BADGE_OF_ANOTHER = Во время свидания предъявлен чужой пропуск
alert-AUDIT_BROKEN = Журнал нарушен или не подписан: сообщите администратору
alert-ORDER_EQUIVOCATED = Две версии одного приказа о приостановке
alert-ORDER_REFUSED = Приказ о приостановке отклонён
alert-ORDER_NUMBER_MISSING = Возможно, приказ не дошёл: в номерах издавшего есть пропуск
alert-STORE_OLDER = База данных старее приказов рядом с ней
alert-CLOCK_DOUBTFUL = Часы машины вызывают сомнение
alert-TRUST_EXPIRES = Скоро истекает корень доверия приказов

## Терминалы

terminals-title = Терминалы
terminals-none = Терминалов нет.
terminal-ready = готов
terminal-out-of-service = не обслуживается
terminal-not-connected = нет связи
terminal-engine = звук и видео не запущены
finding-NO_SPEECH = экраны не читаются вслух
finding-TEXTS_BROKEN = ошибка в файле языка
terminal-camera = камера не работает
terminal-microphone = микрофон не работает
terminal-board-none = платы нет
terminal-board-away = плата не отвечает
terminal-power-on = камера и микрофон включены
terminal-power-off-confirmed = питание отключено, подтверждено
terminal-power-off = питание отключено, ещё не подтверждено
terminal-power-unconfirmed = отключение питания не подтверждено
terminal-power-not-cut = питание не отключилось
terminal-power-not-given = нет питания
terminal-case-open = корпус открыт
terminal-door-open = дверца открыта
terminal-too-hot = перегрев
board-firmware = плата, прошивка { $version }
board-temperature = { $celsius } °C
board-handset-lifted = трубка снята
board-handset-down = трубка на месте
board-loss-NO_PORT = плата не подключена
board-loss-WRONG_DEVICE = подключено другое устройство
board-loss-WRONG_VERSION = плата другой версии
board-loss-SILENT = плата молчит
board-loss-RESTARTED = плата перезапустилась
board-loss-UNPLUGGED = плата отключена от терминала
board-loss-NO_BRIDGE = мост не работает

## Свидания

guard-title = Дежурный
visits-title = Свидания сегодня
visits-upcoming = Предстоящие свидания
visits-running = Идут сейчас: { $count }
visits-find = Найти свидание
visits-none = Свиданий нет.
visits-none-found = Ничего не найдено.
visits-time = Время
visits-left = Осталось
visits-state = Состояние
visits-terminal = Терминал
visits-inmate = Осуждённый
visits-visitor = Посетитель
visits-mark = Запись
visits-action = Действие
visits-recorded = с записью
visits-not-recorded = без записи
visits-protected = Нет изображения, нет звука
staff-state-SCHEDULED = Назначено
staff-state-OPEN = Открыто
staff-state-WAITING_INMATE = Ждут осуждённого
staff-state-WAITING_VISITOR = Ждут посетителя
staff-state-LIVE = Идёт
staff-state-PAUSED = На паузе
staff-state-RECONNECTING = Связь пропала
staff-state-ENDED = Закончилось

## Стена и наблюдение

wall-title = Идут сейчас
wall-none = Сейчас никто не разговаривает.
wall-waiting = Изображения пока нет
wall-stale = Устарело: { $seconds } с
wall-lost = Изображения не приходят, восстанавливаем связь. Всё здесь устарело.
party-INMATE = Осуждённый
party-VISITOR = Посетитель
watch-listen = Слушать
watch-listening = Слышно
watch-lost = Изображение пропало.
watch-ended = Разговор закончился.
watch-journal = Наблюдение и прослушивание заносятся в журнал.

## Прекратить звонок

terminate = Прекратить
warn = Предупредить
warn-title = Предупредить на свидании { $reference }
warn-hint = Оба участника увидят эти слова. Разговор продолжится, в журнале останется запись.
warn-done = Участники предупреждены.
terminate-title = Прекратить свидание { $reference }
terminate-reason = Причина
terminate-reason-missing = Выберите причину.
terminate-hint = После нажатия будет пять секунд, чтобы отменить. Обе стороны прочтут, что свидание прекратил сотрудник, и почему; если об этом попросил один из них, причина не называется.
terminate-confirm = Прекратить
terminate-in-five = Свидание прекратится через пять секунд.
terminate-keep = Не прекращать
terminate-done = Свидание прекращено.

## Клавиши

keys-title = Клавиши
keys-button = Клавиши
keys-select = выбрать свидание
keys-tile = выбрать идущее свидание
keys-watch = наблюдать за выбранным
keys-listen = слушать или больше не слушать
keys-next-alert = следующая тревога
keys-acknowledge = принять выбранную тревогу
keys-warn = предупредить обоих участников
keys-terminate = прекратить выбранное свидание
keys-find = найти
keys-help = эта подсказка
keys-escape = закрыть, выйти из поля

## Новая ссылка

link-new = Новая ссылка
link-title = Новая ссылка: свидание { $reference }
link-warning = Прежняя ссылка сразу перестанет работать. Новую нужно передать посетителю.
link-make = Выдать новую ссылку
link-once = Ссылка показана один раз. Передайте её только этому посетителю.
link-copy = Скопировать
link-copied = Скопировано

## Надзор

oversight-title = Надзор
oversight-read-only = Здесь можно только читать.
journal-title = Журнал
journal-none = Таких записей нет.
journal-seq = №
journal-at = Когда
journal-actor = Кто
journal-action = Что сделано
journal-subject = С чем
journal-detail = Подробности

# What the journal's actions are called; the key is the action with - for its point.
journal-alert-acknowledged = Тревога принята
journal-alert-raised = Поднята тревога
journal-audit-exported = Журнал выгружен
journal-audit-key_made = Создан ключ журнала
journal-badge-given = Осуждённому выдан пропуск
journal-badge-taken = Пропуск осуждённого отозван
journal-facility-founded = Учреждение заведено
journal-import-contacts = Загружены контакты
journal-import-people = Загружены люди
journal-import-visits = Загружены свидания
journal-inmate-identified = PIN принят
journal-link-bound = Ссылка открыта на устройстве
journal-link-issued = Выдана ссылка
journal-monitor-closed = Сотрудник закончил наблюдать
journal-monitor-opened = Сотрудник начал наблюдать
journal-order-enforced = Приказ исполнен
journal-order-drafted = Начат приказ
journal-order-changed = Проект приказа изменён
journal-order-shown = Показаны последствия приказа
journal-order-approved = Приказ утверждён
journal-order-declined = Проект приказа отклонён
journal-order-signed = Приказ подписан
journal-order-withdrawn = Проект приказа отозван
journal-order-expired = Срок приказа истёк
journal-order-renewed = Приказ продлён другим
journal-order-reviewed = Приказ пересмотрен
journal-order-reminded = Напоминание о пересмотре приказа
journal-order-lift_asked = Предложено снять приказ
journal-appeal-filed = Подана жалоба на приказ
journal-appeal-decided = Жалоба рассмотрена
journal-notice-delivered = Извещение о приостановке доставлено
journal-order-number_missing = Пропущен номер приказа
journal-order-issued = Издан приказ
journal-order-refused = Приказ отклонён
journal-trust-updated = Обновлён корень доверия
journal-key-secret_wrong = Неверный секрет ключа
journal-order-lifted = Приказ снят
journal-pin-failed = Неверный PIN
journal-pin-locked = PIN заблокирован
journal-pin-unlocked = PIN разблокирован
journal-power-off = Отключение камеры и микрофона подтверждено
journal-power-not_confirmed = Отключение камеры и микрофона не подтверждено
journal-recording-exported = Запись выгружена
journal-recording-listed = Просмотрен список записей
journal-records-viewed = Просмотрены записи
journal-report-made = Составлен отчёт о приостановках
journal-staff-added = Добавлен сотрудник
journal-staff-locked = Вход заблокирован
journal-staff-logged_in = Вход
journal-staff-logged_out = Выход
journal-staff-login_failed = Неудачный вход
journal-terminal-commanded = Команда терминалу
journal-terminal-maintenance = Обслуживание терминала
journal-terminal-enrolled = Терминал подключён
journal-terminal-revoked = Терминал отключён от учреждения
journal-terminal-code_wrong = Неверный код терминала
journal-terminal-credential_set = Терминалу выдан ключ доступа
journal-visit-booked = Назначено свидание
journal-visit-ended = Свидание завершено
journal-visit-interrupted = Разговор приостановлен
journal-visit-live = Разговор начался
journal-visit-reopened = Свидание снова открыто
journal-visit-warned = Предупреждение на свидании
journal-visit-resumed = Разговор продолжен
journal-wall-closed = Стена изображений закрыта
journal-wall-opened = Стена изображений открыта

audit-checking = Журнал проверяется.
audit-sound = Журнал цел до записи № { $covered }: контрольная подпись { $signed }, проверено { $at }.
audit-unsigned = Нарушений не найдено (проверено { $at }), но журнал не подписывается: сообщите администратору.
audit-broken = Журнал нарушен. Проверено { $at }.
audit-filter-kind = Что показать
audit-filter-actor = Кто
audit-filter-actor-hint = Как в столбце «Кто», целиком: например, staff:guard.
audit-filter-show = Показать
audit-newer = Новее
audit-older = Старее
audit-kind-all = Всё
audit-kind-order = Приказы
audit-kind-visit = Свидания
audit-kind-monitor = Наблюдение
audit-kind-recording = Записи разговоров
audit-kind-staff = Сотрудники и вход
audit-kind-pin = PIN
audit-kind-link = Ссылки
audit-kind-import = Загрузки списков
audit-kind-alert = Тревоги
audit-kind-audit = Сам журнал

# What can be wrong with the log (docs/evidence.md); $range is a number or two with a dash.
finding-ENTRY_EDITED = Изменено после записи: { $range }.
finding-ENTRY_MOVED = Стоит на чужом месте: { $range }.
finding-ENTRY_MISSING = Удалено: { $range }.
finding-ENTRY_INSERTED = Вставлено со стороны: { $range }.
finding-ENTRY_OUT_OF_ORDER = Стоит после более поздней записи: { $range }.
finding-ENTRY_UNREADABLE = Не читается: { $range }.
finding-LEAF_ALTERED = Запись цела, изменён её отпечаток: { $range }.
finding-LOG_TRUNCATED = Отрезан конец журнала: { $range }.
finding-LOG_REWRITTEN = Не то, что было подписано: { $range }, между подписями № { $other } и № { $checkpoint }.
finding-LOG_FORKED = Подписаны два разных журнала: подписи № { $other } и № { $checkpoint } ({ $range }).
finding-CHECKPOINT_MISSING = Удалена контрольная подпись № { $checkpoint }.
finding-CHECKPOINT_OUT_OF_ORDER = Подпись № { $checkpoint } охватывает меньше прежней: возвращено старое состояние.
finding-CHECKPOINT_UNREADABLE = Подпись № { $checkpoint } не от этого журнала.
finding-CHECKPOINT_UNSIGNED = Подпись № { $checkpoint } сделана чужим ключом или неверна.
finding-TREE_ALTERED = Изменены отпечатки, по которым подписывается журнал.
finding-KEY_REPLACED = Ключ журнала пропал, создан новый.
finding-KEY_UNUSABLE = Ключ журнала не читается: журнал не подписывается.

requests-title = Обращения из кабин
requests-none = Обращений нет.
request-COMPLAINT = Жалоба на свидание
request-CALL_PERMIT = Заявление на разрешение звонка
request-due = Ответить до { $when }
request-overdue = Срок ответа прошёл: { $when }
request-granted = Удовлетворено
request-refused = Отказано
request-answer = Ответить
request-words = Ответ, который человек прочтёт
request-about-visit = Свидание { $reference }: { $reason }
request-for-visitor = Разрешение на звонок с: { $visitor }
request-done = Ответ сохранён.
journal-request-filed = Обращение из кабины подано
journal-request-answered = На обращение из кабины отвечено
## Страница терминалов

terminals-nav = Страницы администратора
terminals-waiting = { $count ->
    [one] { $count } киоск показывает код и ждёт подключения.
    [few] { $count } киоска показывают код и ждут подключения.
   *[other] { $count } киосков показывают код и ждут подключения.
  }
terminal-not-enrolled = не подключён
terminal-in-maintenance = на обслуживании
terminal-occupied = идёт свидание
terminal-fault-CONFIG = повреждены настройки
terminal-fault-CACHE = повреждена память
terminal-fault-STATE = повреждён ключ
seen-now = на связи
seen-never = с запуска сервера не был на связи
fact-seen = Связь
fact-camera = Камера
fact-microphone = Микрофон
fact-speaker = Динамик
fact-version = Версия
fact-up = Работает
fact-clock = Часы
fact-disk = Диск
fact-self-test = Самопроверка
fact-finding = Замечание
fact-network = Сеть
fact-key = Ключ
fact-configuration = Настройки
device-state-OK = работает
device-state-SYNTHETIC = искусственный источник
device-state-ABSENT = нет
device-state-FAILED = не работает
up-minutes = { $minutes } мин
up-hours = { $hours } ч
up-days = { $days } сут
clock-words = отличаются на { NUMBER($seconds, maximumFractionDigits: 1) } с
disk-words = свободно { NUMBER($mib) } МиБ
network-words = потери { $loss } %, задержка { $rtt } мс, отправлено { $sent } и получено { $received } кбит/с
self-test-none = ещё не было
self-test-failed = не прошла самопроверка
self-test-passed = пройдена { $at } ({ $cause })
self-test-found = не пройдена { $at } ({ $cause }): { $parts }
self-test-cause-BOOT = при запуске
self-test-cause-NIGHTLY = ночная
self-test-cause-ASKED = по запросу
self-test-part-engine = звук и видео
self-test-part-camera = камера
self-test-part-microphone = микрофон
self-test-part-speaker = динамик
self-test-part-disk = диск
self-test-part-clock = часы
self-test-part-bridge = плата кабины
terminal-deed-enrol = Подключить
terminal-deed-revoke = Отключить
terminal-deed-restart = Перезапустить
terminal-deed-self-test = Самопроверка
terminal-deed-screenshot = Снимок экрана
terminal-deed-maintenance-on = На обслуживание
terminal-deed-maintenance-off = Вернуть в работу
terminal-deed-forget-cache = Очистить память
terminal-deed-use-last-config = Прежние настройки
terminal-ask-enrol = Подключить киоск: { $label }
terminal-ask-revoke = Отключить киоск: { $label }
terminal-ask-restart = Перезапустить: { $label }
terminal-ask-maintenance-on = На обслуживание: { $label }
terminal-ask-maintenance-off = Вернуть в работу: { $label }
terminal-note-enrol = Введите код с экрана киоска. Киоск должен стоять в этой кабине и быть включён.
terminal-note-revoke = Киоск больше не сможет подключиться, пока его не подключат заново. Сделайте это, если он украден или заменён.
terminal-note-restart = Киоск запустится снова через несколько секунд.
terminal-note-maintenance-on = Свиданий в этой кабине не будет, пока её не вернут в работу.
terminal-note-maintenance-off = В этой кабине снова можно проводить свидания.
terminal-restart-occupied = Там идёт свидание: оно прервётся. Объясните, почему это нужно.
terminal-code = Код с экрана
terminal-code-missing = Введите код.
terminal-reason = Причина
terminal-reason-missing = Назовите причину.
terminal-working = Выполняется…
terminal-done-enrol = { $label }: киоск подключён.
terminal-done-revoke = { $label }: киоск отключён.
terminal-done-restart = { $label }: перезапускается.
terminal-done-self-test = { $label }: самопроверка началась, результат появится здесь.
terminal-done-maintenance-on = { $label }: на обслуживании.
terminal-done-maintenance-off = { $label }: снова в работе.
terminal-done-forget-cache = { $label }: память очищена.
terminal-done-use-last-config = { $label }: работает с прежними настройками.
terminal-picture-title = Экран ожидания: { $label }
terminal-picture-alt = Снимок экрана ожидания этого терминала
terminal-picture-note = Снимок нигде не сохраняется. В журнале записано, кто его запросил.
error-NOT_IDLE = Сейчас нельзя: у терминала кто-то есть или он показывает другой экран.
error-IN_VISIT = Сейчас нельзя: там идёт свидание.
error-NOT_CONNECTED = Терминал не на связи.
error-NO_ANSWER = Терминал не отвечает.
error-UNDER_WAY = Самопроверка уже идёт.
error-NOT_BROKEN = Исправлять нечего: настройки терминала в порядке.
error-DISK_FAILED = Диск терминала не даёт этого сделать.
error-CODE_WRONG = Такого кода сейчас нет ни на одном экране. Посмотрите на экран киоска ещё раз.
error-ENROLLED_ALREADY = У терминала уже есть киоск, или этот киоск уже подключён. Сначала отключите прежний.
error-NOT_ENROLLED = У терминала нет киоска.
error-LOCKED = Слишком много неверных кодов. Подождите четверть часа.
error-NO_SUCH_TERMINAL = Такого терминала нет.
