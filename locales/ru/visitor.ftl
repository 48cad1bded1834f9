# Страница посетителя: одна ссылка, без приложения.

visit-page-title = Видеосвидание
visit-connecting = Открываем…
visit-unanswered = Учреждение пока не отвечает
visit-unanswered-hint = Страница пробует сама, ничего не нажимайте. Если это долго, проверьте интернет на телефоне. Ссылка при этом не пропадает.
visit-with = Свидание: { $name }
visit-link-is-for = По этой ссылке проходит одно свидание. Приложение не нужно. Камеру и звук можно проверить заранее.
visit-your-time = По вашему времени
visit-facility-time = В учреждении: { $time }
visit-starts-in = Начнётся через { $time }
visit-opens-at = Войти можно будет в { $time }. Страницу можно не закрывать.
visit-inmate-waits = Вас уже ждут

visit-join = Согласен, войти
visit-join-again = Войти
visit-joining = Входим…
visit-no-devices = Для свидания нужна камера или микрофон

check-title = Проверка камеры и звука
check-hint = Проверьте заранее: вы увидите себя и услышите звук. Собеседник этого не видит.
check-start = Проверить
check-again = Проверить ещё раз
check-asking = Браузер спрашивает разрешение. Нажмите «Разрешить».
check-sound = Проверить звук
check-sounding = Слышите две ноты?
check-speak = Скажите что-нибудь: полоска должна двигаться
check-camera-works = Камера работает
check-microphone-works = Микрофон работает
check-one-is-enough = Можно войти и так: для свидания хватит одного из двух.
check-camera-denied = Камера не разрешена. Нажмите на значок слева от адреса страницы, разрешите камеру и проверьте ещё раз.
check-camera-absent = Камера не найдена. Подключите её или откройте ссылку на телефоне.
check-camera-busy = Камера занята. Закройте другие программы с видео и проверьте ещё раз.
check-microphone-denied = Микрофон не разрешён. Нажмите на значок слева от адреса страницы, разрешите микрофон и проверьте ещё раз.
check-microphone-absent = Микрофон не найден. Подключите наушники с микрофоном или откройте ссылку на телефоне.
check-microphone-busy = Микрофон занят. Закройте другие звонки и программы и проверьте ещё раз.
check-insecure = Браузер не даёт камеру и микрофон этой странице. Откройте ссылку точно так, как её прислали.

visit-time-left = Осталось
visit-self = Вы
visit-waiting = Ждём собеседника
visit-waiting-hint = Его приведут к терминалу. Ваше место сохраняется, страницу не закрывайте.
visit-connecting-media = Соединяем…
visit-paused = Свидание на паузе, время стоит
visit-own-picture-off = Ваше изображение приостановлено: связь слабая. Вас по-прежнему слышно.
visit-remote-picture-off = Изображение приостановлено: связь слабая
visit-remote-picture-off-hint = Вы слышите друг друга. Изображение вернётся само.
visit-reconnecting = Связь пропала. Восстанавливаем сами, ничего не нажимайте.
visit-turn-sound-on = Включить звук
visit-mute = Выключить микрофон
visit-unmute = Включить микрофон
visit-camera-off = Выключить камеру
visit-camera-on = Включить камеру
visit-call-staff = Позвать сотрудника
visit-staff-called = Сотрудник видит ваш вызов.
visit-leave = Завершить
visit-leave-question = Свидание закончится через { $seconds } с. Вернуться будет нельзя.
visit-leave-stay = Остаться
visit-leave-now = Завершить
visit-reminder =
    { $minutes ->
        [one] Осталась { $minutes } минута.
        [few] Осталось { $minutes } минуты.
       *[many] Осталось { $minutes } минут.
    }

over-why = Основание
over-until = До (по вашему времени)
over-decided-by = Кто решил
over-what-now = Что делать
over-given-back =
    { $minutes ->
        [one] Вам вернули { $minutes } минуту.
        [few] Вам вернули { $minutes } минуты.
       *[many] Вам вернули { $minutes } минут.
    }
over-reference = Номер свидания: { $reference }
over-try-again = Попробовать ещё раз
over-reload = Открыть заново

## Когда сама страница не может продолжать

line-BROWSER_UNSUITABLE = Этот браузер не подходит для видеосвидания
line-REPLACED = Свидание открыто в другой вкладке
line-VERSION_UNSUPPORTED = Страница устарела, откройте её заново
line-MALFORMED = Что-то пошло не так, откройте страницу заново
line-UNAUTHENTICATED = Эта ссылка не подходит
line-FAILED = Что-то пошло не так, откройте страницу заново
todo-BROWSER_UNSUITABLE = Откройте ссылку в Chrome или Firefox на телефоне или компьютере, точно так, как её прислали.
todo-REPLACED = Продолжайте там. Чтобы вернуться сюда, откройте страницу заново.
