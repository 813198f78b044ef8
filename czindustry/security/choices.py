"""The closed vocabulary of the trail."""

from django.db import models


class Action(models.TextChoices):
    """What was done (审计事项)."""

    SIGN_IN = "sign_in", "登录"
    SIGN_OUT = "sign_out", "退出"
    LOCKED = "locked", "锁定"
    SECOND_FACTOR = "second_factor", "动态验证码"
    PASSWORD = "password", "修改密码"
    ACCOUNT = "account", "账号变更"
    RIGHTS = "rights", "权限变更"
    TOKEN = "token", "接口令牌"
    IMPORT = "import", "导入"
    UNDO = "undo", "撤销导入"
    EXPORT = "export", "导出"
    PRINT = "print", "打印"
    PUBLICATION = "publication", "通报"
    BACKUP = "backup", "备份"
    RESTORE = "restore", "恢复"
