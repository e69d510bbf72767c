CREATE TABLE `__uk_child` (
  `u` binary(16) NOT NULL COMMENT ':uuid:uuid key',
  `e` enum('a','b') NOT NULL COMMENT 'enum in key',
  `dt` datetime(3) NOT NULL COMMENT 'datetime key',
  `x` float DEFAULT NULL COMMENT ':float32:',
  `_job_start_time` datetime(3) DEFAULT NULL,
  `_job_duration` float DEFAULT NULL,
  `_job_version` varchar(64) DEFAULT '',
  PRIMARY KEY (`u`,`e`,`dt`),
  CONSTRAINT `__uk_child_ibfk_1` FOREIGN KEY (`u`, `e`, `dt`) REFERENCES `uk` (`u`, `e`, `dt`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='child of uuid key'
