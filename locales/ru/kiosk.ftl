# Слова экранов терминала в кабине. Коротко, спокойно, на «вы».
# Ключи own-… заменяют общие слова из reasons.ftl там, где говорят с самим человеком в кабине.

language-name = Русский
date-and-time = { $day } { $month }, { $time }
month-1 = января
month-2 = февраля
month-3 = марта
month-4 = апреля
month-5 = мая
month-6 = июня
month-7 = июля
month-8 = августа
month-9 = сентября
month-10 = октября
month-11 = ноября
month-12 = декабря

## Общее

call-staff = Позвать сотрудника
call-staff-asked = Зовём сотрудника…
call-staff-confirmed = Сотрудник предупреждён
call-staff-offline = Нет связи: позовите голосом
back = Назад
understood = Понятно
wait = Минуту…

language-change = Выбрать язык
language-title = Язык
more = Ещё
aid-large-on = Крупные буквы: включить
aid-large-off = Крупные буквы: выключить
aid-contrast-on = Чёрно-белый экран: включить
aid-contrast-off = Чёрно-белый экран: выключить
aid-speech-on = Читать вслух: включить
aid-speech-off = Читать вслух: выключить
read-on = Дальше · { $page } из { $pages }
read-again = Читать сначала

## Позвать сотрудника

staff-title = Почему зовёте?
staff-text = Не выберете: придут всё равно.
staff-UNWELL = Мне плохо
staff-TECHNICAL = Не работает
staff-QUESTION = Есть вопрос
staff-OTHER = Другое
staff-back = Не звать

## Покой

idle-title = Видеосвидание
idle-next = { $label } · следующее свидание в { $time }
idle-now = { $label } · время свидания до { $time }
idle-none = { $label } · сегодня свиданий больше нет
idle-step-1 = Нажмите «Начать»
idle-step-2 = Введите свой PIN-код
idle-step-3 = Дождитесь собеседника
idle-closed = { $reason }
idle-closed-until = { $reason } · до { $until }
start = Начать

## Запуск и отказы

starting-title = Терминал включается
starting-text = Подождите несколько секунд.
relay-lost-title = Нет связи с сервером
relay-lost-text = Терминал подключится сам. Если это долго, позовите сотрудника голосом.
out-of-service-title = Терминал сейчас не работает
out-of-service-engine = Не работает камера или звук. Терминал пробует их включить. Скажите об этом сотруднику.
out-of-service-relay = Сервер учреждения не узнал этот терминал. Скажите об этом сотруднику.
reconnecting-title = Восстанавливаем связь
reconnecting-text = Связь с сервером пропала. Свидание продолжится само, потерянное время вернётся. Никуда не уходите.
interrupted-title = Восстанавливаем связь
interrupted-text = Разговор прервался. Часы свидания стоят, потерянное время вернётся. Никуда не уходите.
paused-title = Свидание на паузе
paused-text = Сотрудник остановил разговор. Часы свидания стоят. Никуда не уходите.

## PIN-код

identify-pin-title = Введите PIN-код
identify-pin = Его знаете только вы. Закройте клавиши рукой.
identify-busy = Проверяем…
identify-attempts =
    { $count ->
        [one] Осталась { $count } попытка
        [few] Осталось { $count } попытки
       *[many] Осталось { $count } попыток
    }
identify-locked-until = Можно снова с { $until }
pin-erase = Стереть
pin-enter = Войти
pin-progress = Введено цифр: { $count }
pin-digit = Цифра { $digit }

## Уведомление

notice-for-visit = Посетитель: { $visitor }
declined-title = Хорошо, свидание не начнётся
declined-text = Вы не согласились с правилами, и это ваше право. Это свидание не вычитается из положенных. Другое можно попросить у сотрудника.

## Подготовка

ready-title = Всё готово
ready-with = { $visitor }
ready-time = { $starts }–{ $ends }
ready-minutes = { $minutes ->
        [one] { $minutes } минута
        [few] { $minutes } минуты
       *[many] { $minutes } минут
    }
rule-alone = В кадре только вы
rule-calm = Говорите спокойно
rule-phone = Не снимайте экран
ready-tone = Звук в трубке
ready-camera = Сядьте так, чтобы лицо было в овале.
ready-sound = Говорите: полоска должна двигаться.
ready-not-yet = Можно войти в { $time }
ready-join = Войти в свидание
picture-loading = Камера включается…
health-DARK = Темно: включите свет или повернитесь к нему.
health-COVERED = Камера чем-то закрыта.
health-FROZEN = Картинка застыла. Если так и останется, позовите сотрудника.
synthetic-note = Камеры нет: посетитель увидит нарисованное лицо.
camera-off-note = Камера не работает: посетитель вас не увидит.
picture-own = Ваша камера
picture-remote = Собеседник
level-own = Ваш звук
level-remote = Звук собеседника

## Ожидание

waiting-title = Ждём посетителя
waiting-text = { $visitor } ещё не на связи. Ждать можно здесь до { $ends }.
waiting-joining = Подключаемся…
waiting-leave = Выйти

## Звонок

paused-left = осталось { $minutes } мин
call-minutes = { $minutes } мин
call-seconds = { $seconds } с
call-reminder =
    { $minutes ->
        [one] Осталась { $minutes } минута. Пора прощаться.
        [few] Осталось { $minutes } минуты
       *[many] Осталось { $minutes } минут
    }
call-stopping = По приказу свидание закончится в { $until }.
call-no-picture = Ждём картинку…
call-remote-paused = Изображение приостановлено: связь слабая. Вы слышите друг друга.
call-own-paused = Вас слышно, но не видно: связь слабая.
hang-up = Завершить
hang-up-question = Завершить свидание? Вернуться будет нельзя.
hang-up-no = Нет, говорить дальше
hang-up-yes = Да, завершить
hang-up-busy = Завершаем…

## Конец

ended-title = Свидание закончилось
ended-given-back =
    { $minutes ->
        [one] Свиданию возвращена { $minutes } минута.
        [few] Свиданию возвращены { $minutes } минуты.
       *[many] Свиданию возвращено { $minutes } минут.
    }
cannot-title = Свидание сейчас невозможно
fact-until = До { $until }
fact-from = Можно с { $until }
fact-decided = Решение: { $who }
fact-appeal = Решение можно обжаловать у начальника учреждения, прокурора или в суде.

own-outcome-INMATE_COMPLETED_EARLY = Вы завершили свидание
own-outcome-INMATE_REFUSED_TO_ATTEND = Вы отказались от свидания
own-outcome-INMATE_CANCELLED = Вы отменили свидание
own-outcome-INMATE_NOT_BROUGHT = Свидание не состоялось: вас не привели вовремя
own-todo-INMATE_COMPLETED_EARLY = Если это вышло случайно, попросите сотрудника назначить новое свидание.
own-todo-INMATE_REFUSED_TO_ATTEND = Это ваше право. Новое свидание можно попросить в любое время.
own-todo-TECHNICAL_FAILURE_VISITOR = У посетителя пропала связь. Попросите сотрудника назначить другое время.
own-reason-NO_ALLOWANCE = Положенные вам свидания за этот период закончились
own-reason-INMATE_BANNED = Свидания для вас сейчас запрещены
own-reason-INMATE_MOVED = Вы переведены в другое учреждение
own-reason-INMATE_RELEASED = Вы уже освобождены
own-reason-SLOT_NOT_OPEN = Время вашего свидания ещё не наступило
own-reason-VISIT_OVER = Время вашего свидания прошло
own-todo-VISITOR_NOT_ON_LIST = Попросите сотрудника внести посетителя в список ваших контактов.
own-todo-NO_VISIT_NOW = Проверьте время и кабину в списке свиданий или спросите сотрудника.
own-todo-SLOT_NOT_OPEN = Приходите к началу: тогда терминал вас впустит.
own-todo-INMATE_LOCKED = Подождите указанного времени или позовите сотрудника.
own-todo-TERMINAL_LOCKED = Подождите указанного времени или позовите сотрудника.
own-todo-TERMINAL_OUT_OF_SERVICE = Скажите сотруднику: свидание можно перенести в другую кабину.
own-todo-NO_CODEC = Это не ваша вина. Скажите сотруднику: посетителю нужно другое устройство.
own-todo-RECORDING_UNAVAILABLE = Это не ваша вина. Скажите об этом сотруднику.
own-todo-SUSPENDED_BY_ORDER = Свидание не вычитается. Если приостановку снимут раньше, войти можно будет здесь же. Решение можно обжаловать у начальника учреждения, прокурора или в суде.
own-todo-OTHER = Спросите сотрудника.

# Другие свидания, приостановленные приказом.
displaced-visit = Ваше свидание { $starts } приостановлено до { $until }. Потом вас запишут раньше других.

## The booth's board

bridge-lost-title = Эта кабина сейчас не работает
bridge-lost-todo = Она заработает сама. Если это долго, скажите сотруднику.
visit-held-title = Свидание приостановлено
visit-held-todo = Часы свидания стоят, потерянное время вернут. Оно продолжится само. Пожалуйста, оставайтесь здесь.
board-away = Устройство кабины с трубкой и кнопкой тревоги не отвечает, поэтому камера и микрофон обесточены.
board-case-open = Корпус терминала открыт, поэтому камера и микрофон обесточены.
panic-asked = Тревога: вызываем сотрудников…
panic-heard = Сотрудники идут к вам
lift-handset = Снимите трубку
handset-down = Снимите трубку, иначе свидание закончится
badge-away = Верните пропуск на место, иначе свидание закончится
identify-badge-title = Положите пропуск на считыватель
identify-badge = Затем введите ПИН-код. Не убирайте пропуск до конца свидания.

## Предупреждение и обжалование

warned-title = Предупреждение
warned-text = Посетитель тоже его видит. Говорите дальше.
warned-what = Если это повторится, сотрудник может завершить свидание.
appeal = Обжаловать
appeal-title = Обжалование
appeal-question = Обжаловать это решение?
appeal-text = Писать ничего не нужно. Ответит другой человек, не тот, кто решал. Срок ответа появится на экране.
appeal-yes = Да, обжаловать
fact-appealed = Жалоба принята, ответ до { $due }

## Подключение и обслуживание

enrolment-title = Терминал ещё не подключён
enrolment-text = Назовите этот код администратору: он подтвердит его на странице «Терминалы».
enrolment-minutes = Код действует { $minutes } минут, потом появится новый.
maintenance-title = Идёт обслуживание
maintenance-text = Терминал проверяют. Свидание можно провести в другой кабине: спросите сотрудника.
fault-CONFIG = Настройки терминала повреждены.
fault-CACHE = Память терминала повреждена.
fault-STATE = Папка с ключом терминала повреждена.
fault-todo = Скажите сотруднику. Администратор может исправить это со страницы «Терминалы».
known-slot = { $starts } — { $ends }
known-slots = Ближайшее время этой кабины, как сервер сообщил в последний раз:
maintenance-test = Проверить камеру и звук
device-test-title = Проверка устройств
device-test-text = Скажите что-нибудь: полоска под картинкой должна двигаться. Затем нажмите «Сигнал» и послушайте трубку.
device-test-tone = Сигнал
device-test-camera = Камера: { $state }
device-test-microphone = Микрофон: { $state }
device-test-DARK = Картинка тёмная.
device-test-COVERED = Камера закрыта.
device-test-FROZEN = Картинка не движется.
device-OK = работает
device-SYNTHETIC = искусственный источник
device-ABSENT = не подключено
device-FAILED = не работает

## Мои свидания

visits-title = Ваши свидания
visits-left = Осталось { $left } из { $visits } за { $days } дн.
visits-today = Сегодня, { $hours }
visits-later = { $day } { $month }, { $hours }
visits-until = до { $until }
visits-none = Свиданий пока не назначено. О новом свидании спросите сотрудника.
visits-go = К свиданию
visits-done = Выйти
identify-number-title = Введите свой номер
identify-number = Его знает администрация. Буквы не нужны, только цифры.
identify-with-number = Мои свидания
identify-with-pin = Только PIN-код
pin-next = Дальше

## Обращения

requests-title = Обращения
complaint = Жалоба
permit = Разрешение на звонок
request-waits = Ответ на обращение: до { $due }
request-answered = Ответ: { $answer }
complaint-title = Что было не так?
complaint-text = О последнем свидании. Писать не нужно.
permit-title = С кем нужен звонок?
filed = Обращение принято
filed-text = Ответ будет до { $due }. Вы увидите его здесь же, в разделе «Обращения».
