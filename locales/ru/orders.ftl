# Приказы о приостановке: список, новый приказ, утверждение, жалобы.

administrator-title = Администратор
orders-title = Приказы о приостановке
order-new = Новый приказ
order-protected = Действует и на защищённые свидания: { $types }
order-issued = { $who }, { $when }
order-until = до { $when }
order-left = осталось { $time }
order-lifted = снят: { $who }, { $when }
order-cut =
    { $count ->
        [one] Прервано { $count } свидание: { $visits }
        [few] Прервано { $count } свидания: { $visits }
       *[many] Прервано { $count } свиданий: { $visits }
    }
order-lift = Снять
order-lift-comment = Комментарий к снятию
order-lift-confirm = Снять приказ

order-title = Новый приказ о приостановке

scope-kind = Охват, от самого узкого
scope-find = Поиск
scope-value = Кто или что именно
scope-none-found = Ничего не найдено.
scope-inmate = Осуждённый
scope-visitor = Посетитель
scope-contact = Контакт
scope-terminal = Терминал
scope-housing_unit = Отряд
scope-facility = Учреждение
scope-region = Регион
scope-operator = Оператор
scope-visit_type = Вид свидания
relationship-SPOUSE = супруг или супруга
relationship-PARENT = родитель
relationship-CHILD = ребёнок
relationship-SIBLING = брат или сестра
relationship-RELATIVE = родственник
relationship-FRIEND = друг
relationship-COUNSEL = защитник
relationship-CONSUL = консул
relationship-OMBUDSMAN = уполномоченный
relationship-PHYSICIAN = врач
relationship-CLERGY = священнослужитель
relationship-INVESTIGATOR = следователь

order-expires = Точное время по часам учреждения ({ $zone })
order-expires-presets = Готовые сроки
order-expires-limit = Для этого приказа не дольше, чем { $limit }. Без срока приказа не бывает.

protected-hint = Обычно они продолжаются. Отмечайте только то, что прямо разрешает закон; срок тогда не больше 72 часов.
protected-warning-LEGAL = Человек останется без защитника. Такой приказ почти всегда обжалуют.
protected-warning-CONSULAR = Доступ консула защищён международным договором.
protected-warning-OMBUDSMAN = Обращение к уполномоченному нельзя ограничивать без решения суда.
protected-warning-MEDICAL = Человек может остаться без врача. Убедитесь, что помощь будет оказана иначе.
protected-warning-CLERGY = Встреча со священнослужителем может быть последней.

order-reason = Основание
order-basis = Правовой документ: номер, дата, статья

impact-working = Считаем…
impact-inmates = осуждённых
impact-visitors = посетителей
impact-terminals = терминалов
impact-as-of = По состоянию на { $time }
impact-listed = Какие свидания
impact-none = Назначенных свиданий приказ не затронет.
impact-stays-on = Что продолжается
impact-nothing-kept = Ничего: отмечены все защищённые свидания.

problem-scope = Выберите, на кого действует приказ.
problem-expires = Укажите, до какого времени.
problem-expires-past = Это время уже прошло.
problem-expires-long = Срок дольше допустимого.
problem-reason = Выберите основание.
problem-basis = Укажите правовой документ.
problem-words = Напишите слова для людей на обоих языках.
problem-refused = Сервер не принял это поле. Проверьте его.

## Список

orders-counts = Приказы по состоянию
orders-drafts = Проекты
orders-expiring = Скоро закончатся
orders-active = Действуют
orders-pending = Ждут начала
orders-ended = Сняты и истекли
orders-none-drafts = Проектов, которые кого-то ждут, нет.
orders-none-expiring = Приказов, которые скоро закончатся, нет.
orders-none-active = Других действующих приказов нет. Свидания идут.
orders-none-pending = Приказов, которые вот-вот начнутся, нет.
orders-none-ended = Завершённых приказов пока нет.
orders-more = Показать ещё { $count }
order-state-ACTIVE = Действует
order-state-PENDING = Ждёт начала
order-state-LIFTED = Снят
order-state-EXPIRED = Истёк
order-state-expiring = Скоро закончится
order-class = Класс
order-class-NARROW = узкий приказ
order-class-WIDE = широкий приказ
order-class-PROTECTED = приказ о защищённых свиданиях
order-class-EMERGENCY = экстренный приказ
order-from = с { $when }
order-approved-by = утвердили: { $people }
order-renews = продлевает { $order }
order-renewed-by = продлён приказом { $order }
order-review-due = Пересмотреть до
order-review-overdue = Пересмотр просрочен: нужно было до { $when }
order-reviewed = Пересмотрен: { $person }, { $when }.
order-lift-asked = Снятие подписали: { $people }; приказ действует, пока не подпишет второй человек
order-notices = Уведомления: вручено { $delivered } из { $count }
order-renew = Продлить
order-review = Пересмотреть
order-proof = Квитанции
draft-waits-counting = Ещё не посчитан
draft-waits-approval = Ждёт второго человека
draft-waits-oversight = Ждёт второго человека; один из двух должен быть из надзора
draft-waits-signature = Ждёт подписи автора
draft-waits-too-late = Срок прошёл: отзовите проект
draft-visits =
    { $count ->
        [one] { $count } свидание
        [few] { $count } свидания
       *[many] { $count } свиданий
    }
draft-by = { $person }, { $when }
draft-continue = Продолжить
draft-declined = Отклонено: { $person }, { $when }.
draft-withdraw = Отозвать
draft-look = Посмотреть и решить
draft-withdrawn = Проект отозван. Ничего не приостановлено.

## Новый приказ по шагам

order-kind = Какой приказ
order-kind-ordinary = Приказ о приостановке
order-kind-ordinary-hint = На названных людей или места, со сроком и причиной. Настолько узкий, насколько возможно.
order-kind-emergency = Экстренный: всё учреждение, не дольше 60 минут
order-kind-emergency-hint = Подписывает один человек, заканчивается сам, за сутки его пересматривает другой. Защищённые свидания продолжаются.
order-emergency-whom = Все незащищённые свидания: { $facility }.
order-whom = На кого действует
order-chosen = Выбрано:
order-step-expires = До какого времени
order-step-protected = Защищённые свидания
order-step-reason = Основание
order-words = Что скажут людям
order-abandon = Вернуться без приказа
flow-title-emergency = Новый экстренный приказ
flow-leave-draft = Оставить проектом
flow-steps = Шаги приказа
flow-step-scope = Охват
flow-step-impact = Последствия
flow-step-words = Причина и слова
flow-step-sign = Подпись
flow-step-enforce = Исполнение
flow-step-done = пройден
flow-heading-scope = Шаг 1 из 5. На кого действует и до какого времени?
flow-heading-impact = Шаг 2 из 5. Что изменится и не хватит ли меньшего?
flow-heading-words = Шаг 3 из 5. Почему и что прочтут люди?
flow-heading-sign = Шаг 4 из 5. Утверждение и подпись
flow-heading-enforce = Шаг 5 из 5. Исполнен ли приказ?
flow-next-scope = Дальше: что изменится
flow-next-impact = Дальше: причина и слова
flow-next-words = Дальше: утверждение и подпись
flow-back = Назад
flow-finish = К приказам
flow-counted =
    { $count ->
        [one] Посчитано: { $count } свидание.
        [few] Посчитано: { $count } свидания.
       *[many] Посчитано: { $count } свиданий.
    }

impact-first = Числа ещё не посчитаны.
impact-visits = свиданий отменится
impact-visits_24h = из них за сутки
impact-visits_7d = из них за 7 дней
impact-live = идут сейчас
impact-children = детей
impact-hurt = Кому тяжелее всего
impact-hurt-children =
    { $count ->
        [one] { $count } ребёнок не увидит близкого
        [few] { $count } ребёнка не увидят близких
       *[many] { $count } детей не увидят близких
    }
impact-hurt-minimum =
    { $count ->
        [one] { $count } осуждённый останется без свиданий на 14 дней: { $names }
        [few] { $count } осуждённых останутся без свиданий на 14 дней: { $names }
       *[many] { $count } осуждённых останутся без свиданий на 14 дней: { $names }
    }
impact-hurt-live =
    { $count ->
        [one] { $count } идущее свидание прервётся
        [few] { $count } идущих свидания прервутся
       *[many] { $count } идущих свиданий прервутся
    }
impact-kept =
    { $count ->
        [one] { $count } свидание в это время продолжается
        [few] { $count } свидания в это время продолжаются
       *[many] { $count } свиданий в это время продолжаются
    }
impact-protected-kept = { $types }: продолжаются; в этом охвате { $count }
impact-confirm = Подтвердите число
impact-needs-one = Этот приказ подписывает один человек.
impact-needs-two = Нужен второй человек: он утвердит именно эти числа.
impact-needs-oversight = Нужны два человека, один из них из надзора, и именно для этих чисел.
order-why-not-narrower = Почему не хватит более узкого?
order-why = Почему не уже
order-confirm-count = Введите число свиданий, которые отменяете
narrower-title = Более узкие приказы на тот же случай
narrower-none = Более узкого приказа на этот случай нет. Если он касается не тех свиданий, что идут, назовите их ниже.
narrower-order = Приказ
narrower-visits = Потеряно свиданий
narrower-use = Взять этот
narrower-this = выбран
narrowing-CONTACT = Только эта пара
narrowing-INMATE = Только этот осуждённый
narrowing-VISITOR = Только этот посетитель
narrowing-TERMINAL = Только эта кабина
narrowing-HOUSING_UNIT = Только этот отряд
narrowing-VISIT_TYPE = Только этот вид свиданий
narrowing-SHORTER = То же, но короче
incident-title = Каких свиданий касается случай?
incident-live = тех, что идут
incident-hint = Ищем более узкие приказы, которые всё же остановят каждое из них.
incident-count = Найти более узкие

order-ends = Заканчивается
order-change-term = Изменить охват или срок
order-withheld = Причина не сообщается
order-withheld-no = Нет: людям называют причину
order-withheld-hint = Люди прочтут только нейтральную фразу. В приказе, у проверяющих и в суде остаются и причина, и это основание.
withheld-RISK_TO_PERSON = Кто-то может пострадать
withheld-RISK_TO_INVESTIGATION = Это повредит проверке или следствию
withheld-RISK_TO_SECURITY = Это повредит безопасности учреждения
order-neutral-text = Свидание временно приостановлено. Причина не сообщается по соображениям безопасности. Решение можно обжаловать.
order-text-ru = Слова для людей, по-русски
order-text-en = Слова для людей, по-английски
order-preview = Что они увидят
preview-inmate = Экран терминала
preview-visitor = Телефон посетителя
preview-no-words = (здесь появятся ваши слова)

sign-what = Что вы подписываете
sign-one = Ваша подпись
sign-two = Утверждение и подпись
sign-numbers = Последствия
sign-numbers-words = свиданий: { $visits }, осуждённых: { $inmates }, посетителей: { $visitors }, идут сейчас: { $live }
sign-digest = Именно это, по отпечатку:
secret = Секрет вашего ключа подписи
secret-hint = Он открывает ключ для одной подписи и нигде не хранится. Это не пароль для входа. Учебное учреждение его не спрашивает.
order-sign = Подписать и приостановить
order-signing = Подписываем…
approval-drafter = Составил: { $person }
approval-given = Утвердил: { $person }
approval-waits = Должен утвердить второй человек
approval-waits-oversight = Должен утвердить второй человек; один из двух должен быть из надзора
approval-handed-over = Передано: утверждающие видят проект на своей странице. Можно уйти и вернуться. Любое изменение приказа или чисел отменяет утверждение.
approval-complete = Осталась только ваша подпись.

stage-sent = Отправлен
stage-received = Получен учреждением
stage-enforced = Исполнен
stage-lifted = Снят
stage-expired = Истёк
stage-waiting = квитанции ещё нет
stage-receipt = квитанция № { $seq }, подписана: { $facility }
stage-cut = прервано { $cut } из { $reached } идущих свиданий
stage-cut-visit = { $visit }: последний пакет через { $milliseconds } мс
power-confirmed = Отключение камеры и микрофона подтверждено: { $confirmed } из { $terminals }
power-state-AWAITED = ждём подтверждения
power-state-NOT_CONFIRMED = не подтверждено
power-state-NOT_FITTED = платы нет
stage-late = Учреждение ещё не дало квитанции. Пока её нет, исполнение не доказано. Посмотрите на идущие свидания.

## Что делают с приказом

act-lift = Снять приказ
act-renew = Продлить приказ
act-review = Пересмотреть приказ
act-notices = Уведомления тем, кого это касается
act-proof = Квитанции об этом приказе
act-lift-hint = Свидания, чьё время идёт, сразу откроются.
act-lift-hint-two = Приказ подписали двое, и снимают его двое: он действует, пока не подпишет второй.
act-renew-hint = Продление — новый приказ, который начинается, когда закончится этот. Его считают, утверждают и подписывают как любой другой.
act-review-hint = Скажите, что вы увидели: нужен ли приказ и нельзя ли его сузить?
order-lift-done = Приказ снят. Свидания снова возможны.
order-lift-waits = Ваша подпись сохранена. Приказ действует, пока снятие не подпишет второй человек.
order-review-note = Что вы увидели
order-review-confirm = Записать пересмотр
order-review-done = Пересмотр записан.
order-renew-confirm = Составить проект
notices-none = Ничьё свидание не отменено, уведомлять некого.
notice-told = Я сообщил
notice-open = ещё не сообщили
notice-via-KIOSK = на терминале
notice-via-LINK = на странице свидания
notice-via-STAFF = сообщил сотрудник
notice-visit = свидание { $reference }, { $starts }
notice-told-done = Записано: { $who } знает.
untold-title = Сообщить по телефону
untold-count = извещений: { $count }
untold-none = Все, чьё свидание отменено приказом, об этом знают.
recipient-INMATE = осуждённый
recipient-VISITOR = посетитель
recipient-COUNSEL = защитник или другой защищённый посетитель

## Утверждение

approval-title = Решить: { $scope }
approval-leave = Назад
approval-drafted = Составлен
approval-so-far = Уже утвердили
approval-agree = Ваше решение
approval-bound =
    { $visits ->
        [one] Вы соглашаетесь именно на это: { $visits } свидание, осуждённых: { $inmates }. Если что-то изменится, утверждение отменится.
        [few] Вы соглашаетесь именно на это: { $visits } свидания, осуждённых: { $inmates }. Если что-то изменится, утверждение отменится.
       *[many] Вы соглашаетесь именно на это: { $visits } свиданий, осуждённых: { $inmates }. Если что-то изменится, утверждение отменится.
    }
approval-approve = Утвердить своей подписью
approval-decline = Отклонить
decline-reason = Почему вы не согласны. Это прочтёт автор проекта.
decline-confirm = Отклонить и вернуть автору
decline-done = Отклонено. Проект вернулся к автору, ничего не приостановлено.
problem-decline = Напишите, почему вы не согласны.
approval-not-now = Решить позже
approval-done = Утверждено. Теперь может подписать автор.
approval-changed = Пока вы смотрели, числа изменились. Посмотрите ещё раз, прежде чем утвердить.
approval-not-yours = Вы не можете утвердить этот проект: вы его составили или уже утвердили.

## Почему свидание не состоится

explain-ask = Почему?
explain-title = Состоится ли свидание { $reference }?
explain-possible = Может состояться.
explain-impossible = Сейчас состояться не может.
explain-over = Оно закончилось.
explain-order = Приказ { $order }
explain-issuer = Подписали
explain-rebooked = Перенесено: свидание { $visit }

## Жалобы

appeals-title = Жалобы
appeals-open = открытых: { $count }
appeals-none = Жалоб нет.
appeal-against = На приказ { $order }
appeal-filed = подана { $when }
appeal-left = на решение осталось { $time }
appeal-overdue = Просрочена с { $when }
appeal-decided = Решение: { $who }, { $when }.
appeal-decide = Решить
appeal-decide-title = Жалоба на приказ { $order }
appeal-outcome = Решение
appeal-outcome-UPHELD = Приказ остаётся
appeal-outcome-LIFTED = Приказ снимается
appeal-outcome-NARROWED = Его заменяет более узкий
appeal-replacement = Номер более узкого приказа
appeal-grounds = Обоснование, его прочтёт человек
appeal-done = Жалоба решена.

## Сеанс

again-title = Ваш сеанс закончился
again-hint = Ничего не потеряно. Войдите снова как { $user } и продолжайте.

## Ошибки

problem-count = Введите число свиданий, которое стоит выше.
problem-why = Скажите, почему не хватит более узкого.
problem-unknown = Кто-то или что-то из этого здесь неизвестно.
problem-look-above = Не всё заполнено: посмотрите отмеченные поля.
problem-note = Скажите, что вы увидели.
problem-outcome = Выберите решение.
problem-grounds = Напишите обоснование.
error-KEY_UNKNOWN = Вашего ключа подписи здесь нет. Обратитесь к тому, кто ведёт ключи.
error-KEY_SECRET_WRONG = Секрет не открывает ваш ключ.
error-KEY_LOCKED = Слишком много неверных секретов: ключ на время заблокирован.
error-SECRET_REQUIRED = Введите секрет своего ключа.
error-NO_TRUST = У учреждения ещё нет корня доверия: подписать приказ нельзя.
error-NOT_A_SIGNER = Приказы этого класса вы подписывать не можете.
error-NOT_AN_APPROVER = Приказы утверждают утверждающие и надзор.
error-NOT_THE_DRAFTER = Это может только тот, кто составил приказ.
error-SAME_PERSON = Тот же человек этого не может: нужен кто-то другой.
error-APPROVED_ALREADY = Вы его уже утвердили.
error-APPROVAL_MISSING = Сначала должен утвердить второй человек.
error-OVERSIGHT_MISSING = Сначала должен утвердить человек из надзора.
error-UNDER_SIGNED = Подписало слишком мало людей.
error-WHY_NOT_NARROWER_MISSING = Скажите, почему не хватит более узкого.
error-EXPIRES_PAST = Его срок уже прошёл.
error-EMERGENCY_NOT_RENEWED = Экстренный приказ не продлевают: он заканчивается сам.
error-NOT_POSSIBLE_NOW = В его нынешнем состоянии это невозможно. Список мог устареть.
error-UNKNOWN_IDS = Кто-то или что-то из приказа здесь неизвестно.
error-DECIDED_ALREADY = Жалоба уже решена.
error-REPLACEMENT_MISSING = Назовите более узкий приказ, который его заменит.
error-NOT_NARROWER = Названный приказ не уже.
error-CSRF = Сеанс начался заново. Попробуйте ещё раз.

## Что пришло и не в порядке

refused-title = Приказы, которые здесь отклонены: { $count }
refused-via-link = по связи
refused-via-usb = с носителя
refused-via-local = здесь
refused-receipt = квитанция { $number }
numbers-missing = Возможно, дошли не все приказы. Их задержали, они в пути или они для другого учреждения; от этого ничего не приостановлено и не снято. Спросите того, кто их издал:
numbers-missing-one = { $issuer }: номер { $first }
numbers-missing-several = { $issuer }: номера с { $first } по { $last }
refused-ENVELOPE_INVALID = Это не подписанный приказ, или он повреждён.
refused-PAYLOAD_TYPE_UNKNOWN = Это подписанный документ другого вида.
refused-ORDER_VERSION_UNKNOWN = Он составлен для более новой версии программы.
refused-ORDER_CRITICAL_UNKNOWN = В нём есть обязательное поле, которого эта версия не понимает.
refused-INVALID_ORDER = Он нарушает правила приказов.
refused-ROOT_EXPIRED = Срок корня доверия истёк.
refused-ROOT_UNKNOWN = Он подписан под более новым корнем доверия.
refused-SIGNATURE_INVALID = Его изменили после подписи.
refused-UNDER_SIGNED = Его подписало слишком мало людей.
refused-OVERSIGHT_MISSING = Никто из надзора его не подписал.
refused-WRONG_FACILITY = Он для другого учреждения.
refused-ROLLED_BACK = Известна его более новая редакция.
refused-EXPIRED = Его срок истёк до того, как он пришёл.

order-grace = Идущие свидания
order-grace-minutes =
    { $minutes ->
        [0] прекращаются сразу
        [one] продолжатся { $minutes } минуту
        [few] продолжатся { $minutes } минуты
       *[other] продолжатся { $minutes } минут
    }
